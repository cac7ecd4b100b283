//! What a greedy guest costs the host in memory. A process of its own, since all of it is measured.

use std::fs;

use ghoststack::plugin::limits::Budget;
use prospector_hostile::guest::{self, query};
use prospector_hostile::scene::Scene;

const MIB: usize = 1 << 20;

/// Bytes of this process that are in memory now.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux tells");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages come second") * 4096
}

/// The most that there were since the last reset.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

#[tokio::test]
async fn the_host_stays_within_a_greedy_guests_budget_and_ten_megabytes() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    // Everything that is made once is made now.
    plugin.search(&work, &query("")).await.expect("it answers");
    for behaviour in ["allocate", "allocate-and-answer", "many-empty-texts", "two-giants", "crowd"] {
        // Resets the peak (proc(5), clear_refs).
        fs::write("/proc/self/clear_refs", "5").expect("a process may reset its own peak");
        let before = resident();
        let _ = plugin.search(&work, &query(behaviour)).await;
        let more = peak().saturating_sub(before);
        println!(
            "{behaviour}: at most {} MiB more, and {} MiB after",
            more / MIB,
            resident().saturating_sub(before) / MIB
        );
        assert!(more <= Budget::SEARCH.memory + 10 * MIB, "{behaviour}: {} MiB more", more / MIB);
    }
}
