//! Hears the host's log, at every level and from every crate.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

thread_local! {
    static LISTENING: RefCell<Option<Rc<RefCell<Vec<String>>>>> = const { RefCell::new(None) };
}

/// What was logged on this thread since it began to listen.
#[derive(Clone, Default)]
pub struct Ear(Rc<RefCell<Vec<String>>>);

/// Listens until it is dropped, on the thread that made it.
pub struct Listening(PhantomData<Rc<()>>);

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENING.with_borrow_mut(|heard| *heard = None);
    }
}

impl Ear {
    /// Listens on this thread for as long as the guard lives.
    #[must_use]
    pub fn listen() -> (Ear, Listening) {
        // One for the whole process: subscribers that come and go with threads lose lines to each other's caches.
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Everything).expect("nobody else listens"));
        let ear = Ear::default();
        LISTENING.with_borrow_mut(|heard| *heard = Some(ear.0.clone()));
        (ear, Listening(PhantomData))
    }

    /// The lines so far: level, target, fields.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

fn hear(line: impl FnOnce() -> String) {
    // A thread that is ending has no ear any more.
    let heard = LISTENING.try_with(|heard| heard.borrow().clone()).ok().flatten();
    if let Some(heard) = heard {
        let line = line();
        heard.borrow_mut().push(line);
    }
}

struct Everything;

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, of: &span::Attributes<'_>) -> span::Id {
        hear(|| {
            let mut line = Line(format!("span {}", of.metadata().name()));
            of.record(&mut line);
            line.0
        });
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        hear(|| {
            let mut line = Line(String::new());
            values.record(&mut line);
            line.0
        });
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        hear(|| {
            let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
            event.record(&mut line);
            line.0
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
