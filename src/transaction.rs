//! One transaction from begin to commit, run again when the database asks for it.

use std::time::Duration;

/// Runs an expression of type `error::Result<Result<T, Refusal>>` with `$tx` as the transaction's
/// connection: commits what was done, rolls back what was refused. A deadlock or a serialization
/// conflict rolls back and runs the whole again after a short random pause, five times in all.
#[macro_export]
macro_rules! transaction {
    ($db:expr, $tx:ident => $work:expr) => {
        async {
            let mut attempt = 0;
            loop {
                let mut transaction = $db.begin().await?;
                let outcome: $crate::error::Result<Result<_, _>> = async {
                    let $tx: &mut sqlx::PgConnection = &mut transaction;
                    $work
                }
                .await;
                match outcome {
                    Ok(Ok(done)) => {
                        transaction.commit().await?;
                        return Ok::<_, $crate::error::Error>(Ok(done));
                    }
                    Ok(Err(refusal)) => {
                        transaction.rollback().await?;
                        return Ok(Err(refusal));
                    }
                    Err($crate::error::Error::Contended) if attempt < 4 => {
                        transaction.rollback().await?;
                        attempt += 1;
                        $crate::transaction::pause(attempt).await;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        .await
    };
}

/// Waits a little, longer each time, and never as long as the others do.
pub async fn pause(attempt: u32) {
    let most = 10 * 2_u64.pow(attempt);
    tokio::time::sleep(Duration::from_millis(rand::random_range(1..=most))).await;
}

/// The connection that nouns read from, for doors that pass it on.
pub type Db = sqlx::PgConnection;
