//! Making recordings: of a platform by a live run through the gate, of a filter or scorer by postings that are there.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::exchange::{Answer, Body, Exchange, Request};
use super::file::{self, Credential, Recording, VERSION};
use super::platform::{self, Asked, Came};
use super::scrub::{Account, Scrubber};
use super::{Target, judging, replay};
use crate::app::error::{exit, of_failure};
use crate::app::leads::scope;
use crate::app::{App, AppError, Services, kit::sample};
use crate::capability::http::carrier::{Carrier, Sending, Wire};
use crate::capability::http::client::{self, PrivateHosts};
use crate::capability::http::gate::{Gate, MAX_ANSWER, failure};
use crate::capability::{self, Capabilities, ephemeral::Ephemeral};
use crate::clock::{Clock, SystemClock};
use crate::contract::descriptor::Authentication;
use crate::contract::types::{Delivery, Error, ErrorKind, Posting, UtcSeconds};
use crate::contract::vault;
use crate::pipeline::context;
use crate::plugin::catalog;
use crate::plugin::component::World;
use crate::plugin::grant;
use crate::plugin::platform::{PlatformPlugin, Work};
use crate::plugin::wishes::Wishes;
use crate::store::LeadFilter;

/// What is recorded.
pub struct Wanted {
    /// Postings at most.
    pub limit: u32,
    /// Of a filter or scorer: its settings.
    pub settings: Map<String, Value>,
    /// Of a filter or scorer: whether it judges stored leads; made-up postings otherwise.
    pub leads: bool,
}

/// The clock of a live run: it stands, so that the run can be repeated, and waits as long as it is told to.
struct StandingClock(UtcSeconds);

#[async_trait]
impl Clock for StandingClock {
    fn now(&self) -> UtcSeconds {
        self.0
    }

    async fn wait(&self, span: std::time::Duration) {
        SystemClock.wait(span).await;
    }
}

/// The network, with a memory of what passed and of the secrets that were attached.
struct Recorder {
    wire: Wire,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    exchanges: Vec<Exchange>,
    secrets: Vec<SecretString>,
    unanswered: Option<String>,
}

impl Recorder {
    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Carrier for Recorder {
    async fn carry(&self, sending: Sending<'_>) -> Result<reqwest::Response, Error> {
        let (call, request) = (sending.phase.as_str().to_owned(), Request::of(&sending));
        {
            let mut taken = self.taken();
            if taken.exchanges.len() >= file::MOST_EXCHANGES {
                let why = format!("a recording has at most {} requests", file::MOST_EXCHANGES);
                taken.unanswered.get_or_insert_with(|| why.clone());
                return Err(failure(ErrorKind::Exhausted, why, Delivery::NotSent));
            }
            let attached =
                sending.headers.values().filter(|value| value.is_sensitive()).filter_map(|v| v.to_str().ok());
            // What stands before the secret is no part of it.
            let words = attached.filter_map(|value| value.rsplit(' ').next());
            taken.secrets.extend(words.map(SecretString::from));
        }
        let answered = match self.wire.carry(sending).await {
            Ok(response) => read(response).await,
            Err(error) => Err(error),
        };
        let (status, headers, body) = answered.inspect_err(|error| {
            self.taken().unanswered.get_or_insert_with(|| error.message.clone());
        })?;
        let answer = Answer { status, headers, body: Body::of(&body) };
        let response = replay::response(status, answer.headers.iter(), body)
            .map_err(|why| failure(ErrorKind::UnexpectedAnswer, why, Delivery::Sent))?;
        self.taken().exchanges.push(Exchange { call, request, answer });
        Ok(response)
    }
}

type Headers = std::collections::BTreeMap<String, String>;

/// An answer as a whole. One that is too large for the gate is not read to its end either.
async fn read(mut response: reqwest::Response) -> Result<(u16, Headers, Vec<u8>), Error> {
    let broken = |error: reqwest::Error| failure(ErrorKind::Unavailable, client::causes(error), Delivery::Sent);
    let status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers =
        response.headers().iter().filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err(failure(ErrorKind::TooLarge, "the answer is too large to be recorded", Delivery::Sent));
        }
    }
    Ok((status, headers, body))
}

/// Records a platform at work for the account that is connected.
///
/// # Errors
/// Where it is not the plugin that the person has agreed to; where the platform did not answer; where what was recorded cannot be replayed, or a
/// secret is left in it. Nothing is written then.
pub async fn of_platform(
    app: &App,
    services: &Services,
    target: &Target,
    plugin: &Arc<PlatformPlugin>,
    wanted: &Wanted,
) -> Result<Recording, AppError> {
    is_agreed_to(app, target, plugin)?;
    let account = app.account(plugin.id());
    let mut secrets = services.credentials.secrets(&account).await?;
    let (work, recorder) = live(app, services, plugin).await?;
    let now = work.capabilities.clock.now();
    let told = told(&work, plugin).await;
    let settings = app.section(plugin.id())?.settings.clone();
    let mut recording = Recording {
        recording: VERSION,
        plugin: plugin.id().to_owned(),
        world: World::Platform,
        now,
        settings: settings.clone(),
        profile: context::profile(&app.config().profile, plugin.id()),
        scoring: platform::scoring(&app.config().scoring),
        credential: told.clone(),
        limit: Some(wanted.limit),
        exchanges: Vec::new(),
        postings: Vec::new(),
        result: Value::Null,
    };
    let store = super::nothing(app.home().root()).await?;
    let asked = Asked::by(&recording, context::attributes(&settings));
    let Came { identity, failure, .. } = platform::run(plugin, work, asked, store.as_ref()).await?;
    secrets.extend(services.credentials.secrets(&account).await?);
    let taken = std::mem::take(&mut *recorder.taken());
    secrets.extend(taken.secrets);
    let nothing = |why: &str| format!("nothing is recorded: {why}");
    match (taken.unanswered, failure) {
        (Some(why), _) => {
            let remedy = Some(format!("ghoststack prospector status --platform {}", plugin.id()));
            return Err(AppError::Failed { message: nothing(&why), remedy, exit_code: exit::UNAVAILABLE });
        }
        (None, Some(failure)) if taken.exchanges.is_empty() => {
            let (message, exit_code) = (nothing(&failure.message), of_failure(&failure));
            return Err(AppError::Failed { message, remedy: failure.remedy, exit_code });
        }
        (None, _) => {}
    }
    let account = match (identity, &told) {
        (Some(identity), _) => Some(Account { id: identity.id, username: identity.username }),
        (None, Some(Credential { account: Some(username), .. })) => {
            Some(Account { id: String::new(), username: username.clone() })
        }
        _ => None,
    };
    let scrubber = Scrubber::new(&secrets, origins(app, plugin)?, account);
    recording.exchanges = taken.exchanges.iter().map(|exchange| scrubber.exchange(exchange)).collect();
    if let Value::Object(settings) = scrubber.json(Value::Object(settings), false) {
        recording.settings = settings;
    }
    if let Some(credential) = &mut recording.credential {
        credential.account = credential.account.as_ref().map(|_| super::scrub::NAME.to_owned());
    }
    super::complete(target, recording, &scrubber, app.home().root()).await
}

/// Only a plugin that the person has agreed to works for an account: a built-in one, or one whose wishes are those of the installed one.
fn is_agreed_to(app: &App, target: &Target, plugin: &PlatformPlugin) -> Result<(), AppError> {
    let id = plugin.id();
    if target.is_loaded {
        return Ok(());
    }
    let shown = &target.shown;
    let install = format!("agree to what it wishes for first: ghoststack prospector plugins install {shown}");
    match app.installation.installed.get(id) {
        _ if catalog::is_builtin(id) => Err(AppError::Usage(format!(
            "{shown} calls itself `{id}`, which is a built-in plugin: it gets no access to that account; to record the built-in one, name it by its id"
        ))),
        Some(entry) if entry.granted == Wishes::of(&plugin.descriptor, &plugin.inspected) => Ok(()),
        Some(_) => {
            Err(AppError::Usage(format!("{shown} wishes for other things than the installed `{id}`; {install}")))
        }
        None => Err(AppError::Usage(format!("`{id}` is not installed, so that it has no account; {install}"))),
    }
}

/// What the plugin works with: the account's own access and the audit, with a memory of nothing.
async fn live(app: &App, services: &Services, plugin: &PlatformPlugin) -> Result<(Work, Arc<Recorder>), AppError> {
    app.put_in_force(services, plugin)?;
    let policy = app.policy(plugin)?;
    let private = PrivateHosts::default();
    policy.private_hosts.iter().for_each(|host| private.grant(host));
    let client = client::client(&private).map_err(AppError::Machine)?;
    let recorder = Arc::new(Recorder { wire: Wire::new(client), taken: Mutex::default() });
    let clock: Arc<dyn Clock> = Arc::new(StandingClock(app.now()));
    let credentials: Arc<dyn capability::Credentials> = Arc::new(services.credentials.clone());
    let records = Arc::new(services.records.clone());
    let gate = Gate::over(policy, recorder.clone(), credentials.clone(), records, clock.clone());
    let data = Arc::new(Ephemeral::over(super::nothing(app.home().root()).await?));
    let capabilities = Arc::new(Capabilities { gate, credentials, data, clock });
    Ok((Work { account: app.account(plugin.id()), capabilities }, recorder))
}

async fn told(work: &Work, plugin: &PlatformPlugin) -> Option<Credential> {
    let name = match &plugin.descriptor.authentication {
        Authentication::None => return None,
        Authentication::Oauth2(oauth) => &oauth.credential,
        Authentication::ApiKey(key) => &key.credential,
    };
    let known = work.capabilities.credentials.describe(&work.account, name).await?;
    let is_there = known.state == vault::CredentialState::Present;
    is_there.then_some(Credential { scopes: known.scopes, account: known.account })
}

/// Origins as they are in force, each with the descriptor's own.
fn origins(app: &App, plugin: &PlatformPlugin) -> Result<Vec<(String, String)>, AppError> {
    let in_force = grant::origins(&plugin.descriptor, &app.endpoints(plugin.id())?).map_err(AppError::Plugin)?;
    let own = plugin.descriptor.origins.iter();
    Ok(own.filter_map(|of| Some((in_force.get(&of.name)?.to_string(), of.default.clone()))).collect())
}

/// Records a filter or scorer over stored leads, or over made-up postings.
///
/// # Errors
/// The store's, where stored leads are asked for; where the component cannot judge.
pub async fn of_custom(
    stored: Option<(&App, &Services)>,
    target: &Target,
    home: &std::path::Path,
    wanted: Wanted,
) -> Result<Recording, AppError> {
    let mut recording = Recording {
        recording: VERSION,
        plugin: target.id().to_owned(),
        world: target.world(),
        now: sample::NOW,
        settings: wanted.settings,
        profile: sample::profile(),
        scoring: file::Scoring { parameters: judging::nested(&sample::parameters()), ..file::Scoring::default() },
        credential: None,
        limit: None,
        exchanges: Vec::new(),
        postings: Vec::new(),
        result: Value::Null,
    };
    let scrubber = Scrubber::new(&[], Vec::new(), None);
    match stored {
        None => recording.postings = sample::postings(wanted.limit),
        Some((app, services)) => {
            recording.now = app.now();
            recording.profile = context::profile(&app.config().profile, "");
            recording.scoring.parameters = judging::nested(&context::parameters(&app.config().scoring));
            let filter = LeadFilter::all(scope(app, None)?, wanted.limit);
            let leads = services.store.leads(&filter).await?;
            let whole = leads.into_iter().filter(|lead| lead.purged_at.is_none());
            recording.postings = whole.map(|lead| clean(&scrubber, lead.lead.posting)).collect();
            if recording.postings.is_empty() {
                return Err(AppError::Usage(
                    "there are no leads to record; scan first, or leave out --leads for made-up postings".to_owned(),
                ));
            }
        }
    }
    super::complete(target, recording, &scrubber, home).await
}

/// A posting without addresses of people.
fn clean(scrubber: &Scrubber, of: Posting) -> Posting {
    Posting { title: scrubber.text(&of.title, false), description: scrubber.text(&of.description, false), ..of }
}
