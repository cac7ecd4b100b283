//! What a person changes of a proposal before it is sent: a term at a time, or all of it in an editor.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{Asking, Plugins, problems, written};
use crate::app::error::exit;
use crate::app::{App, AppError, Services};
use crate::config::{ConfigErrors, Home};
use crate::contract::planning::Problem;
use crate::contract::proposals::{Answer, Draft};
use crate::contract::types::{Attribute, Money};
use crate::lead::Mark;
use crate::proposal::editing::{self, MAX_EDITED_BYTES};
use crate::proposal::state::Event;
use crate::proposal::{Content, Proposal, State};
use crate::store::StoreError;

/// Changes of single terms.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Another text.
    pub text: Option<String>,
    /// Another amount, in hundredths.
    pub amount: Option<i64>,
    /// The amount's currency, where it has none yet or another one is meant.
    pub currency: Option<String>,
    /// Other days.
    pub days: Option<u32>,
    /// Answers, by the number of the question or by its words.
    pub answers: Vec<(String, String)>,
    /// Terms of the platform's own.
    pub attributes: Vec<(String, String)>,
}

impl Changes {
    /// Whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Changes { text, amount, currency, days, answers, attributes } = self;
        text.is_none()
            && amount.is_none()
            && currency.is_none()
            && days.is_none()
            && answers.is_empty()
            && attributes.is_empty()
    }
}

/// A proposal that was edited.
#[derive(Clone, Debug)]
pub struct Edited {
    /// As it is stored.
    pub proposal: Proposal,
    /// What stands against it.
    pub problems: Vec<Problem>,
    /// Whether a person's agreement has ended with it.
    pub was_approved: bool,
}

/// Whether a proposal can be edited here.
///
/// # Errors
/// Where it was sent, or is being sent.
pub fn editable(of: &Proposal) -> Result<(), AppError> {
    if of.state.is_editable() {
        return Ok(());
    }
    let message = format!("proposal {} is {}: it is no longer changed here", of.number, of.state);
    Err(AppError::Failed { message, remedy: None, exit_code: exit::FAILURE })
}

/// The draft with single terms changed.
///
/// # Errors
/// [`AppError::Usage`] where a change cannot be meant.
pub fn changed(of: &Content, changes: &Changes) -> Result<Draft, AppError> {
    let mut draft = of.draft.clone();
    if let Some(text) = &changes.text {
        text.trim().clone_into(&mut draft.text);
    }
    if changes.amount.is_some() || changes.currency.is_some() {
        let former = draft.amount.as_ref();
        let prescribed = of.requirements.as_ref().and_then(|of| of.currency.clone());
        let currency = changes.currency.clone().or_else(|| former.map(|of| of.currency.clone())).or(prescribed);
        let (Some(amount), Some(currency)) = (changes.amount.or(former.map(|of| of.amount)), currency) else {
            return Err(AppError::Usage("it has no amount yet: give both, --amount 500 --currency USD".to_owned()));
        };
        draft.amount = Some(Money { amount, currency });
    }
    draft.duration_days = changes.days.or(draft.duration_days);
    for (question, answer) in &changes.answers {
        let question = asked(of, question)?;
        draft.answers.retain(|of| of.question != question);
        if !answer.trim().is_empty() {
            draft.answers.push(Answer { question, answer: answer.clone() });
        }
    }
    for (name, value) in &changes.attributes {
        let known = of.requirements.iter().flat_map(|of| &of.attributes).find(|of| of.name == *name);
        let value = editing::parsed(value, known.map(|of| &of.value));
        let value = value.map_err(|kind| AppError::Usage(format!("`{name}` has to be {kind}")))?;
        draft.attributes.retain(|of| of.name != *name);
        draft.attributes.push(Attribute { name: name.clone(), value });
    }
    Ok(draft)
}

/// An amount in hundredths, of `450`, `450.5` or `450.50`: above nothing and at most a thousand million.
#[must_use]
pub fn amount(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = !whole.is_empty() && whole.len() <= 10 && decimals.len() <= 2 && digits(whole) && digits(decimals);
    let hundredths = fits.then(|| format!("{whole}{decimals:0<2}").parse::<i64>().ok()).flatten();
    hundredths.filter(|of| (1..=100_000_000_000).contains(of) && !text.ends_with('.'))
}

/// The question that is meant: by its number, counted from 0 as problems count them, or by its words.
fn asked(of: &Content, meant: &str) -> Result<String, AppError> {
    let questions = of.requirements.as_ref().map(|of| of.questions.as_slice()).unwrap_or_default();
    let by_number = meant.parse::<usize>().ok().and_then(|number| questions.get(number));
    let found = by_number.or_else(|| questions.iter().find(|of| of.question == meant));
    found.map(|of| of.question.clone()).ok_or_else(|| {
        AppError::Usage(match questions.len() {
            0 => "the client asks no questions, as far as is known".to_owned(),
            many => format!(
                "there is no question `{meant}`; they are numbered from 0 to {}: `proposals show` has them",
                many - 1
            ),
        })
    })
}

/// Stores an edited draft. Whatever was approved before is not any more; where nothing stands against it, it waits for review.
///
/// # Errors
/// As [`editable`]; where it was changed meanwhile; the store's.
pub async fn store(app: &App, services: &Services, of: &Proposal, draft: Draft) -> Result<Edited, AppError> {
    editable(of)?;
    let requirements = match &of.content.requirements {
        Some(requirements) => Some(requirements.clone()),
        // Where it could not be asked when this was begun.
        None => {
            Plugins { app, services }.requirements(&of.account.platform, &draft.posting).await.unwrap_or_else(|error| {
                tracing::info!("the platform was not asked what it takes: {error}");
                None
            })
        }
    };
    let trouble = of.content.trouble.clone().filter(|_| requirements.is_none());
    let content = Content { draft, requirements, approval: None, trouble, ..of.content.clone() };
    let problems = problems(&content);
    let was_approved = of.state == State::Approved;
    let note = if was_approved { "edited: what was approved is not any more" } else { "edited" };
    let proposal = services.store.change_proposal(of, written(&problems), &content, note, app.now()).await?;
    Ok(Edited { proposal, problems, was_approved })
}

/// Removes a proposal that was not sent, and dismisses its lead, so that it is not drafted by itself again.
///
/// # Errors
/// As [`editable`]; where it was changed meanwhile; the store's.
pub async fn remove(services: &Services, of: &Proposal) -> Result<(), AppError> {
    if of.state.next(Event::Edited).is_none() || of.content.attempt.as_ref().is_some_and(|of| of.sent_at.is_some()) {
        let message = format!("proposal {} is {}, and was sent or may have been: it is kept", of.number, of.state);
        return Err(AppError::Failed { message, remedy: None, exit_code: exit::FAILURE });
    }
    services.store.remove_proposal(of).await?;
    match services.store.mark(&of.account, &of.content.draft.posting, Mark::Dismissed).await {
        // The lead was forgotten since.
        Ok(()) | Err(StoreError::NoSuchPosting { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A proposal in a file for the person's editor, which stays until what is in it was stored.
#[derive(Debug)]
pub struct Copy {
    path: PathBuf,
    before: String,
}

impl Copy {
    /// Writes the file, for its owner alone.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn make(home: &Home, of: &Proposal) -> Result<Copy, AppError> {
        let before = editing::write(of.number, of.state, &of.content);
        home.ensure_dir(&home.data_dir())?;
        let path = home.data_dir().join(format!("proposal-{}-draft-{}.md", of.number, std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.and_then(|mut file| file.write_all(before.as_bytes())).map_err(|error| {
            AppError::Machine(format!(
                "the draft {} cannot be written: {error}; check the directory's permissions",
                path.display()
            ))
        })?;
        Ok(Copy { path, before })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds now; none if it is as it was made.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn changed(&self) -> Result<Option<Vec<u8>>, AppError> {
        let mut now = Vec::new();
        let read = fs::File::open(&self.path).and_then(|file| file.take(MAX_EDITED_BYTES + 1).read_to_end(&mut now));
        read.map_err(|error| AppError::Machine(format!("the draft {} cannot be read: {error}", self.path.display())))?;
        Ok((now != self.before.as_bytes()).then_some(now))
    }

    /// The draft that it holds.
    ///
    /// # Errors
    /// Everything that is wrong with it, located.
    pub fn draft(&self, bytes: &[u8], of: &Draft) -> Result<Draft, ConfigErrors> {
        editing::read(&self.path.display().to_string(), bytes, of)
    }

    /// Removes it.
    pub fn discard(self) {
        // Nothing is lost if it stays.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_hundredth_and_nothing_else_is() {
        for (text, expected) in
            [("450", 45_000), ("450.5", 45_050), ("0.01", 1), ("37.50", 3_750), ("1000000000", 100_000_000_000)]
        {
            assert_eq!(amount(text), Some(expected), "{text}");
        }
        for text in ["", "0", "0.00", "-1", "1.005", "1,000", "1e3", ".5", "5.", "1000000000.01", "99999999999", "USD"]
        {
            assert!(amount(text).is_none(), "{text}");
        }
    }
}
