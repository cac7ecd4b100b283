//! `profile edit`: the editors are shell commands.

use std::fs;
use std::path::PathBuf;

use prospector_e2e::prospector::finish;
use prospector_e2e::{Home, Outcome, Prospector, Terminal};

use crate::support::at;

const OWN: &str = "# mine\nprofile:\n  country: DE\n";

fn edit(prospector: &Prospector, editor: &str) -> Outcome {
    finish(prospector.command(["profile", "edit"]).env("EDITOR", editor))
}

fn text(prospector: &Prospector) -> String {
    fs::read_to_string(prospector.home.configuration_file()).unwrap_or_default()
}

fn drafts(prospector: &Prospector) -> Vec<PathBuf> {
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains("draft"));
    prospector.home.contents().into_keys().filter(named).collect()
}

#[test]
fn a_valid_draft_takes_the_files_place() {
    let prospector = at(Home::configured(OWN));
    let done = edit(&prospector, "sed -i s/DE/NZ/").ok();
    assert_eq!(done.stdout, format!("Wrote {}\n", prospector.home.configuration_file().display()));
    assert_eq!(text(&prospector), OWN.replace("DE", "NZ"));
    let visual = finish(prospector.command(["profile", "edit"]).env("EDITOR", "false").env("VISUAL", "true")).ok();
    assert_eq!(visual.stdout, "Nothing was changed.\n");
    assert_eq!(drafts(&prospector), Vec::<PathBuf>::new());
}

#[test]
fn a_wrong_draft_is_met_with_its_places_and_kept_beside_the_file() {
    let prospector = at(Home::configured(OWN));
    let refused = edit(&prospector, "sed -i s/country/contry/").expect(3);
    let drafts = drafts(&prospector);
    let [draft] = drafts.as_slice() else { panic!("{drafts:?}") };
    for words in [&format!("{}:3:3", draft.display()), "did you mean `country`?", "is as it was. Your changes are in "]
    {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert_eq!(text(&prospector), OWN);
    assert!(fs::read_to_string(draft).is_ok_and(|draft| draft.contains("contry")));
}

#[test]
fn at_a_terminal_a_wrong_draft_can_be_edited_again() {
    let prospector = at(Home::configured(OWN));
    let editor = "f() { if grep -q contry \"$1\"; then sed -i 's/contry: DE/country: NZ/' \"$1\"; else sed -i s/country/contry/ \"$1\"; fi; }; f";
    let mut terminal = Terminal::start(prospector.command(["profile", "edit"]).env("EDITOR", editor));
    terminal.wait_for("did you mean `country`?");
    terminal.wait_for("Edit again? [Y/n] ");
    assert_eq!(text(&prospector), OWN);
    terminal.type_in("\r");
    terminal.wait_for("Wrote ");
    assert_eq!((terminal.end().0, text(&prospector)), (0, OWN.replace("DE", "NZ")));

    let mut terminal =
        Terminal::start(prospector.command(["profile", "edit"]).env("EDITOR", "sed -i s/country/contry/"));
    terminal.wait_for("Edit again? [Y/n] ");
    terminal.type_in("n\r");
    terminal.wait_for("Your changes are in ");
    assert_eq!((terminal.end().0, text(&prospector)), (3, OWN.replace("DE", "NZ")));
    assert_eq!(drafts(&prospector).len(), 1);
}

#[test]
fn a_bad_editor_changes_nothing() {
    let prospector = at(Home::configured(OWN));
    for (editor, code, words) in [
        ("/nonexistent/editor", 2, "failed"),
        ("false", 2, "failed"),
        ("", 2, "either VISUAL nor EDITOR"),
        ("rm", 1, "cannot be read"),
    ] {
        let refused = edit(&prospector, editor).expect(code);
        assert!(refused.stderr.contains(words) && text(&prospector) == OWN, "{editor}: {}", refused.stderr);
    }
    let refused = edit(&prospector, "f() { sed -i s/DE/NZ/ \"$1\"; false; }; f").expect(2);
    assert!(refused.stderr.contains("Your changes are in ") && text(&prospector) == OWN, "{}", refused.stderr);
    let refused = prospector.run("profile edit --no-input").expect(2);
    assert!(refused.stderr.contains("config validate"), "{}", refused.stderr);
}

#[test]
fn it_repairs_a_wrong_file_and_begins_a_new_one() {
    let prospector = at(Home::configured("profil:\n  country: DE\n"));
    let _refused = prospector.run("profile show").expect(3);
    let _repaired = edit(&prospector, "sed -i s/profil/profile/").ok();
    assert!(prospector.run("profile show").ok().stdout.contains("\nCountry: DE  # line 2\n"));

    let fresh = at(Home::absent());
    let _written = edit(&fresh, "sed -i -e 's/^#profile:/profile:/' -e \"s/^#  country: .*/  country: 'NZ'/\"").ok();
    assert!(fresh.run("profile show").ok().stdout.contains("\nCountry: NZ  # line "), "{}", text(&fresh));
    let (mode, _) = fresh.home.contents().remove(&fresh.home.configuration_file()).expect("it is there");
    assert_eq!(mode, 0o600);
}

#[test]
fn what_another_program_wrote_meanwhile_is_not_lost() {
    let prospector = at(Home::configured(OWN));
    let theirs = format!("sed -i s/DE/FR/ {}; sed -i s/DE/NZ/", prospector.home.configuration_file().display());
    let refused = edit(&prospector, &theirs).expect(8);
    assert!(
        refused.stderr.contains("changed by another program") && refused.stderr.contains("Your changes are in "),
        "{}",
        refused.stderr
    );
    assert_eq!(text(&prospector), OWN.replace("DE", "FR"));
}
