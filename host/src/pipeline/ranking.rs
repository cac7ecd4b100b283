//! How two rankings of the same leads compare, and how good one is by a person's own marks.

/// Spearman's rank correlation of two scores of the same things: 1 for the same order, -1 for the reverse, about 0 where one says nothing of
/// the other. Ties share their average rank. None where there are fewer than two, or one of the scores is the same throughout.
#[must_use]
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let [one, other] = [ranks(pairs.iter().map(|pair| pair.0)), ranks(pairs.iter().map(|pair| pair.1))];
    let n = pairs.len() as f64;
    // Ranks sum up alike whatever the ties.
    let mean = (n + 1.0) / 2.0;
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(&other) {
        both += (a - mean) * (b - mean);
        first += (a - mean).powi(2);
        second += (b - mean).powi(2);
    }
    (first > 0.0 && second > 0.0).then(|| (both / (first * second).sqrt()).clamp(-1.0, 1.0))
}

fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = values.enumerate().map(|(at, value)| (value, at)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; order.len()];
    let mut at = 0;
    while at < order.len() {
        let end = at + order[at..].iter().take_while(|(value, _)| *value == order[at].0).count();
        let shared = (at + 1 + end) as f64 / 2.0;
        order[at..end].iter().for_each(|(_, of)| ranks[*of] = shared);
        at = end;
    }
    ranks
}

/// Normalised discounted cumulative gain of the first `k`: 1 where the most relevant come first, 0 where none of the first is relevant. `relevance`
/// is in the order of the ranking, 0 for what is not relevant. None where nothing is.
#[must_use]
pub fn ndcg(relevance: &[f64], k: usize) -> Option<f64> {
    let gain = |relevance: &[f64]| -> f64 {
        relevance.iter().take(k).enumerate().map(|(at, of)| (of.exp2() - 1.0) / (at as f64 + 2.0).log2()).sum()
    };
    let mut ideal = relevance.to_vec();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let best = gain(&ideal);
    (best > 0.0).then(|| gain(relevance) / best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_is_of_ranks_with_ties_shared() {
        let of = |a: &[f64], b: &[f64]| correlation(&a.iter().copied().zip(b.iter().copied()).collect::<Vec<_>>());
        assert_eq!(of(&[1.0, 2.0, 3.0], &[10.0, 11.0, 99.0]), Some(1.0));
        assert_eq!(of(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        // By hand: ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4.
        let tied = of(&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 4.0]).expect("both vary");
        assert!((tied - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12, "{tied}");
        assert_eq!(of(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(of(&[], &[]), None);
    }

    #[test]
    fn gain_is_best_in_the_ideal_order_and_counts_the_first_only() {
        assert_eq!(ndcg(&[3.0, 2.0, 0.0], 10), Some(1.0));
        assert_eq!(ndcg(&[0.0, 0.0], 10), None);
        assert_eq!(ndcg(&[0.0, 1.0], 1), Some(0.0));
        // By hand: (2^1-1)/log2(3) over (2^1-1)/log2(2).
        let second = ndcg(&[0.0, 1.0], 10).expect("one is relevant");
        assert!((second - 1.0 / 3.0_f64.log2()).abs() < 1e-12, "{second}");
    }
}
