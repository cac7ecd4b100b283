//! Plots of values from 0 to 1, as SVG.

use std::fmt::Write as _;

/// A line of a plot.
pub struct Series {
    /// What it shows.
    pub label: String,
    /// From the left to the right.
    pub points: Vec<(f64, f64)>,
}

/// A plot.
pub struct Plot {
    /// The file's name.
    pub file: &'static str,
    /// Above it.
    pub title: &'static str,
    /// Below it: what goes from left to right.
    pub axis: &'static str,
    /// Its lines, all from 0 to the same end.
    pub series: Vec<Series>,
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 34.0;
/// Distinct in light and dark, and for people who see few colours.
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const DASHES: [&str; 4] = ["none", "7 4", "2 3", "9 3 2 3"];

impl Plot {
    /// The plot as a file.
    pub fn svg(&self) -> String {
        let end = self.series.iter().flat_map(|series| &series.points).map(|(x, _)| *x).fold(0.0, f64::max);
        let place = |x: f64, y: f64| (LEFT + x / end * WIDTH, TOP + (1.0 - y) * HEIGHT);
        let below = TOP + HEIGHT;
        let height = below + 46.0 + 18.0 * self.series.len() as f64;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">{}</text>\n",
            LEFT + WIDTH + 24.0,
            self.title
        );
        for step in 0..=4 {
            let share = f64::from(step) / 4.0;
            let (x, y) = (LEFT + share * WIDTH, below - share * HEIGHT);
            let _ = writeln!(svg, "<path d=\"M{LEFT} {y}H{}M{x} {TOP}V{below}\" stroke=\"#ddd\"/>", LEFT + WIDTH);
            let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{share:.2}</text>", LEFT - 6.0, y + 4.0);
            let _ =
                writeln!(svg, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>", below + 16.0, share * end);
        }
        let middle = LEFT + WIDTH / 2.0;
        let _ =
            writeln!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>", below + 34.0, self.axis);
        for (at, series) in self.series.iter().enumerate() {
            let stroke = format!("stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\"", COLOURS[at], DASHES[at]);
            let line: Vec<String> =
                series.points.iter().map(|(x, y)| place(*x, *y)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(svg, "<polyline fill=\"none\" {stroke} points=\"{}\"/>", line.join(" "));
            let y = below + 54.0 + 18.0 * at as f64;
            let _ = writeln!(svg, "<path d=\"M{LEFT} {}H{}\" {stroke}/>", y - 4.0, LEFT + 34.0);
            let _ = writeln!(svg, "<text x=\"{}\" y=\"{y}\">{}</text>", LEFT + 42.0, series.label);
        }
        svg.push_str("</svg>\n");
        svg
    }
}
