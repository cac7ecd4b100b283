//! Looking for the machine beneath.

use prospector_hostile::guest::{self, query};
use prospector_hostile::posting::Told;
use prospector_hostile::scene::{NOW, Scene};

#[tokio::test]
async fn there_is_no_environment_no_argument_no_file_no_input_and_no_passing_of_time() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    let told = Told::by(plugin.search(&work, &query("look-around")).await.expect("it answers"));
    assert_eq!((told.fact("environment"), told.fact("arguments")), ("0", "0"));
    assert_eq!((told.fact("directory"), told.fact("passwd"), told.fact("written")), ("none", "none", "none"));
    assert!(["none", "0"].contains(&told.fact("input")), "{}", told.fact("input"));
    assert_eq!(told.fact("clock"), format!("Ok({NOW})"));
    assert!(told.fact("passed").starts_with("0ns "), "{}", told.fact("passed"));
}

#[tokio::test]
async fn random_numbers_are_the_same_on_each_run() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let told = Told::by(plugin.search(&work, &query("look-around")).await.expect("it answers"));
        assert!(!told.fact("random").is_empty());
        seen.push(told.fact("random").to_owned());
    }
    assert_eq!(seen[0], seen[1]);
}
