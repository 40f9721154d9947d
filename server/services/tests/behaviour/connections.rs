//! Connections of the pool go from one request to the next, and nothing of the former goes with them.

use std::time::Duration;

use futures::poll;
use services::{Db, testing::TestDatabase};

#[tokio::test]
async fn who_is_dropped_while_it_begins_takes_nobodys_later_writes_along() {
    let test = TestDatabase::new().await;
    let db = Db::connect(&test.url, 1).await.unwrap();
    let pool = db.queue_pool();
    for round in 1..=40_u32 {
        // Dropped at another moment in each round: before, while and after the server is asked to begin.
        let mut begin = Box::pin(pool.begin());
        for _ in 0..round % 8 {
            if poll!(&mut begin).is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_micros(150)).await;
        }
        drop(begin);
        sqlx::query("insert into users (email, name, password_hash) values ($1, 'A', '!')")
            .bind(format!("{round}@example.test"))
            .execute(pool)
            .await
            .unwrap();
        let stored = test.number("select count(*) from users").await;
        assert_eq!(
            stored,
            i64::from(round),
            "what was written in round {round} is gone"
        );
    }
}
