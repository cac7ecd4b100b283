//! Asking for tokens and storing them is a task of its own, which runs to its end whoever stops waiting: tokens that were given and not
//! stored are lost, and a rotating refresh token that was spent for them is dead.

use std::future::Future;
use std::time::Duration;

use super::error::AuthError;
use crate::shield::Shields;

/// Such work under way in this process.
static UNSTORED: Shields = Shields::new();

/// Waits until nothing of the kind is under way in this process, at most `limit`; whether it came to that.
pub async fn finished(limit: Duration) -> bool {
    UNSTORED.down(limit).await
}

/// Begins such work, and waits for it.
///
/// # Errors
///
/// The work's own; [`AuthError::ShuttingDown`] where the runtime ends before it.
pub(super) fn shielded<T: Send + 'static>(
    work: impl Future<Output = Result<T, AuthError>> + Send + 'static,
) -> impl Future<Output = Result<T, AuthError>> + Send {
    let shield = UNSTORED.raise();
    let task = tokio::spawn(async move {
        let _shield = shield;
        work.await
    });
    async move { task.await.unwrap_or(Err(AuthError::ShuttingDown)) }
}
