//! Permission for one write.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

/// Where the host notes that a permitted write is about to leave, so that a crash in the middle can be told from one before it.
#[async_trait]
pub trait SentLedger: Send + Sync {
    /// Records durably that the write of this permit leaves now.
    ///
    /// # Errors
    /// A sentence; then nothing is sent.
    async fn record_sent(&self, permit: &str) -> Result<(), String>;
}

/// Permission for one write, made for one proposal (or another write that a person started), and spent by it.
pub struct Permit {
    id: String,
    spent: AtomicBool,
    ledger: Box<dyn SentLedger>,
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").field("id", &self.id).field("spent", &self.spent).finish_non_exhaustive()
    }
}

impl Permit {
    /// A permit for what `id` names, whose spending is noted in `ledger`.
    #[must_use]
    pub fn new(id: impl Into<String>, ledger: Box<dyn SentLedger>) -> Permit {
        Permit { id: id.into(), spent: AtomicBool::new(false), ledger }
    }

    /// Spends it: true once, and only after the ledger has it. A ledger that fails leaves the permit spent: to send after that
    /// would be to send unrecorded.
    ///
    /// # Errors
    /// A sentence that says why the write must not be sent.
    pub async fn spend(&self) -> Result<(), String> {
        if self.spent.swap(true, Ordering::SeqCst) {
            return Err("one write was permitted, and one was sent already".to_owned());
        }
        self.ledger.record_sent(&self.id).await
    }

    /// Whether a write may have been sent under it.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    use super::*;

    struct Counting(Arc<AtomicU32>, Result<(), String>);

    #[async_trait]
    impl SentLedger for Counting {
        async fn record_sent(&self, _: &str) -> Result<(), String> {
            self.0.fetch_add(1, Ordering::SeqCst);
            self.1.clone()
        }
    }

    #[tokio::test]
    async fn a_permit_is_spent_once_however_many_ask() {
        let count = Arc::new(AtomicU32::new(0));
        let permit = Arc::new(Permit::new("p", Box::new(Counting(count.clone(), Ok(())))));
        let asked: Vec<_> = (0..16)
            .map(|_| {
                tokio::spawn({
                    let permit = permit.clone();
                    async move { permit.spend().await.is_ok() }
                })
            })
            .collect();
        let mut granted = 0;
        for ask in asked {
            granted += u32::from(ask.await.unwrap());
        }
        assert_eq!((granted, count.load(Ordering::SeqCst)), (1, 1));
    }

    #[tokio::test]
    async fn a_ledger_that_fails_leaves_nothing_to_send() {
        let permit = Permit::new("p", Box::new(Counting(Arc::default(), Err("disk full".to_owned()))));
        assert_eq!(permit.spend().await, Err("disk full".to_owned()));
        assert!(permit.spend().await.is_err());
    }
}
