//! Opening the file: creating it, recognising it, bringing its schema up to date.
//!
//! Two marks in SQLite's header tell what a file is, without a table of our own: `application_id` that it is ours, `user_version`
//! which schema it has. They are read before anything is changed, so that a file that is not ours, or is newer
//! than this program, stays as it is, byte for byte.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Sqlite};

use super::{BUSY_TIMEOUT, QUEUE_TIMEOUT, SqliteStore, fault};
use crate::store::StoreError;

/// The schema's steps: the first makes schema 1 of an empty file. A step that was released is never edited; another is added.
pub(super) const MIGRATIONS: [&str; 8] = [
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_undated_leads.sql"),
    include_str!("migrations/0003_outbox.sql"),
    include_str!("migrations/0004_daemon.sql"),
    include_str!("migrations/0006_progress.sql"),
    include_str!("migrations/0007_marks.sql"),
    include_str!("migrations/0008_proposals.sql"),
    include_str!("migrations/0009_contracts.sql"),
];

/// The schema that the last step makes.
pub(super) const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// Marks a file as ours: `GSPP`.
pub(super) const APPLICATION_ID: i64 = 0x4753_5050;

/// Connections for reading: some pages of a dashboard at once.
const READERS: u32 = 4;

impl SqliteStore {
    /// Opens the file for reading and writing. Where there is none it is created, with mode 0600, in a folder that is
    /// created with mode 0700; an older schema is brought up to date, in one transaction.
    ///
    /// An up-to-date file costs one connection and one query here: about a millisecond.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]; the file is then as it was.
    pub async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        let path = absolute(path)?;
        create(&path).map_err(|error| fault::of_io(&path, &error))?;
        let writing = pool(1, options(&path));
        let mut connection = writing.acquire().await.map_err(of(&path))?;
        match inspect(&path, &mut connection).await? {
            Content::Current => {}
            Content::Older => migrate(&path, &mut connection).await?,
            Content::Nothing => {
                use_write_ahead_log(&path, &mut connection).await?;
                migrate(&path, &mut connection).await?;
            }
        }
        drop(connection);
        Ok(SqliteStore { reading: pool(READERS, options(&path).read_only(true)), writing: Some(writing), path })
    }

    /// Opens the file for reading. Where there is none, none is created, and the store is empty. Writing calls answer
    /// [`StoreError::OpenedForReading`].
    ///
    /// An older schema is brought up to date first, as [`SqliteStore::open`] does. A file in a folder that takes no
    /// writes is read nevertheless, if no other process left a write-ahead log there.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn open_read_only(path: &Path) -> Result<SqliteStore, StoreError> {
        let path = absolute(path)?;
        match std::fs::metadata(&path) {
            Ok(file) if file.len() == 0 => return empty(path).await,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return empty(path).await,
            Err(error) => return Err(fault::of_io(&path, &error)),
        }
        let (reading, content) = match inspected(&path, false).await {
            Err(error) if fault::is_refused_opening(&error) && !has_log(&path) => inspected(&path, true).await,
            other => other,
        }
        .map_err(of(&path))?;
        match content.of(&path)? {
            Content::Current => Ok(SqliteStore { path, reading, writing: None }),
            Content::Nothing => {
                reading.close().await;
                empty(path).await
            }
            Content::Older => {
                reading.close().await;
                let store = SqliteStore::open(&path).await?;
                Ok(SqliteStore { writing: None, ..store })
            }
        }
    }
}

/// SQLite would read a relative path that begins with `file:` as a URL.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path).map_err(|error| fault::of_io(path, &error))
}

/// Shorthand for `map_err` where there is no store yet.
pub(super) fn of(path: &Path) -> impl Fn(sqlx::Error) -> StoreError + use<'_> {
    move |error| fault::of(path, &error)
}

/// Makes sure that folder and file exist, closed to others from their first moment. SQLite gives its log the file's mode.
fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    open_for_writing(path).map(drop)
}

/// Opening the file tells by a plain system error what SQLite would call "unable to open".
fn open_for_writing(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Whether a write-ahead log lies beside the file, with something in it.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// A large scan rewrites tens of megabytes: 8 MB of cache and a log of 16 MB, instead of 2 and 4, spare it most of the waiting for
/// the disk.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .pragma("cache_size", "-8000")
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging()
}

fn pool(connections: u32, options: SqliteConnectOptions) -> SqlitePool {
    PoolOptions::<Sqlite>::new()
        .max_connections(connections)
        .acquire_timeout(QUEUE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // A full disk makes SQLite undo a transaction by itself. sqlx then still believes in it and would refuse to begin
                // another: such a connection is not used again. The ping waits for the rollback that a dropped transaction left.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_lazy_with(options)
}

/// A store of nothing: for reading where there is no file.
async fn empty(path: PathBuf) -> Result<SqliteStore, StoreError> {
    let reading = pool(1, options(Path::new(":memory:")).in_memory(true));
    let mut connection = reading.acquire().await.map_err(of(&path))?;
    migrate(&path, &mut connection).await?;
    drop(connection);
    Ok(SqliteStore { path, reading, writing: None })
}

/// What the two marks say, and whether there is anything at all.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    application: i64,
    pub(super) schema: i64,
    objects: i64,
}

/// What a file is to us.
pub(super) enum Content {
    /// Nothing yet.
    Nothing,
    /// Ours, to be brought up to date.
    Older,
    /// Ours, as this version has it.
    Current,
}

impl Marks {
    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Marks, sqlx::Error> {
        let (application, schema, objects) = sqlx::query_as(
            "SELECT a.application_id, u.user_version, EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_application_id a, pragma_user_version u",
        )
        .fetch_one(connection)
        .await?;
        Ok(Marks { application, schema, objects })
    }

    pub(super) fn of(self, path: &Path) -> Result<Content, StoreError> {
        match (self.application, self.schema, self.objects) {
            (0, 0, 0) => Ok(Content::Nothing),
            (APPLICATION_ID, SCHEMA, _) => Ok(Content::Current),
            (APPLICATION_ID, found, _) if found > SCHEMA => {
                Err(StoreError::TooNew { path: path.to_owned(), found, known: SCHEMA })
            }
            (APPLICATION_ID, _, _) => Ok(Content::Older),
            _ => Err(StoreError::NotOurs {
                path: path.to_owned(),
                detail: "it is a database of another program".to_owned(),
            }),
        }
    }
}

async fn inspect(path: &Path, connection: &mut SqliteConnection) -> Result<Content, StoreError> {
    Marks::read(connection).await.map_err(of(path))?.of(path)
}

/// A pool for reading, and what it reads from. `immutable` reads a file without its log.
async fn inspected(path: &Path, immutable: bool) -> Result<(SqlitePool, Marks), sqlx::Error> {
    let reading = pool(READERS, options(path).read_only(true).immutable(immutable));
    let mut connection = reading.acquire().await?;
    let marks = Marks::read(&mut connection).await?;
    drop(connection);
    Ok((reading, marks))
}

/// The mode stays with the file. Changing it needs the file for oneself, which SQLite does not wait for: two processes that create
/// the file at once meet here.
pub(super) async fn use_write_ahead_log(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        match sqlx::query("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
            Ok(_) => return Ok(()),
            Err(error) if fault::is_busy(&error) && begun.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            Err(error) => return Err(fault::of(path, &error)),
        }
    }
}

/// Takes the steps that are missing, all or none. Under the write lock the marks are read again: another process may have
/// been faster.
async fn migrate(path: &Path, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(of(path))?;
    let marks = Marks::read(&mut transaction).await.map_err(of(path))?;
    // Refuses what another process may have made of the file meanwhile.
    marks.of(path)?;
    let done = usize::try_from(marks.schema).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await.map_err(of(path))?;
    }
    sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}")))
        .execute(&mut *transaction)
        .await
        .map_err(of(path))?;
    transaction.commit().await.map_err(of(path))
}
