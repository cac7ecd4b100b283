//! Log-ins that were begun from the dashboard: each lives in a task of its own, which holds the callback's port until the browser comes back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderValue;
use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use crate::app::AppError;
use crate::app::connect::{Return, prepare};
use crate::app::live::Live;
use crate::auth::loopback::WAIT;
use crate::plain;

/// What came of a log-in, in words.
#[derive(Clone, Debug)]
pub enum Ended {
    /// It is connected; what the platform did not give, if anything.
    Connected(Option<String>),
    /// Why not, and what to do.
    Failed(String, Option<String>),
}

/// Where the browser goes, and what it takes along.
pub struct Begun {
    /// The consent page.
    pub url: Url,
    /// What the callback knows the browser by; none where the answer is pasted.
    pub cookie: Option<HeaderValue>,
    /// Whether the answer comes by itself; else the person pastes it.
    pub listens: bool,
}

struct LogIn {
    paste: Option<oneshot::Sender<String>>,
    ended: Arc<Mutex<Option<Ended>>>,
    task: JoinHandle<()>,
}

impl Drop for LogIn {
    /// The port is free for the next one.
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The latest log-in of each platform.
#[derive(Default)]
pub struct LogIns(Mutex<BTreeMap<String, LogIn>>);

/// What a person has entered of their application.
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

impl LogIns {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, LogIn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one, in the place of the platform's former one.
    ///
    /// # Errors
    /// What keeps it from being begun: the vault, the port, the application's id.
    pub async fn begin(
        &self,
        live: Arc<Live>,
        platform: &str,
        client: Client,
        back: Return,
    ) -> Result<Begun, AppError> {
        self.forget(platform).await;
        let (begun_by, begun) = oneshot::channel();
        let (paste, pasted) = oneshot::channel();
        let ended = Arc::<Mutex<Option<Ended>>>::default();
        let (told, of) = (ended.clone(), platform.to_owned());
        let task = tokio::spawn(async move {
            let mut begun_by = Some(begun_by);
            let done = log_in(&live, &of, client, back, &mut begun_by, pasted).await;
            match (done, begun_by) {
                // It was not begun: whoever asked hears of it.
                (Err(error), Some(begun_by)) => drop(begun_by.send(Err(error))),
                (done, _) => *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(in_words(done)),
            }
        });
        self.all().insert(platform.to_owned(), LogIn { paste: Some(paste), ended, task });
        match begun.await {
            Ok(begun) => begun,
            Err(_) => Err(AppError::Busy("another log-in to this platform was begun meanwhile".to_owned())),
        }
    }

    /// Hands over what the person has pasted; false where nobody waits for it.
    pub fn paste(&self, platform: &str, text: String) -> bool {
        let sender = self.all().get_mut(platform).and_then(|of| of.paste.take());
        sender.is_some_and(|sender| sender.send(text).is_ok())
    }

    /// How the latest of a platform ended; none while it is under way, nothing where there is none.
    pub fn ended(&self, platform: &str) -> Option<Option<Ended>> {
        let all = self.all();
        let of = all.get(platform)?;
        Some(of.ended.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Ends and forgets a platform's.
    pub async fn forget(&self, platform: &str) {
        let former = self.all().remove(platform);
        if let Some(mut former) = former {
            former.task.abort();
            // Until it has let go of the port.
            let _ = (&mut former.task).await;
        }
    }
}

async fn log_in(
    live: &Live,
    platform: &str,
    client: Client,
    back: Return,
    begun_by: &mut Option<oneshot::Sender<Result<Begun, AppError>>>,
    pasted: oneshot::Receiver<String>,
) -> Result<Option<String>, AppError> {
    let Live { app, services, .. } = live;
    let plugin = app.installation.named(platform).await?;
    let connecting = prepare(app, services, plugin, None, back).await?;
    let listens = connecting.listens();
    let logging_in = connecting.begin(&client.id, &client.secret)?;
    if let Some(begun_by) = begun_by.take() {
        let begun = Begun { url: logging_in.url().clone(), cookie: logging_in.cookie(), listens };
        // Where nobody listens any more, the time runs out.
        let _ = begun_by.send(Ok(begun));
    }
    let connected = if listens {
        logging_in.wait().await?
    } else {
        let text = tokio::time::timeout(WAIT, pasted).await.ok().and_then(Result::ok);
        let text = text.ok_or_else(|| AppError::Usage("no answer was pasted in time".to_owned()))?;
        logging_in.pasted(&text).await?
    };
    let lacking = connected.lacking.map(|of| plain::line(&format!("{}: {} {}", of.title, of.message, of.remedy)));
    Ok(lacking)
}

fn in_words(done: Result<Option<String>, AppError>) -> Ended {
    match done {
        Ok(lacking) => Ended::Connected(lacking),
        Err(error) => Ended::Failed(plain::paragraphs(&error.to_string()), error.remedy().map(plain::line)),
    }
}
