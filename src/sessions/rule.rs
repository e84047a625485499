//! Whether whoever manages the house has to sign in with a second step, and who of them does.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    audit,
    error::Result,
    id::Id,
    members::{member::Member, staff::Role},
};

/// Whether the pages of managers are open only to those who have one.
pub async fn asks_managers(db: &mut PgConnection) -> Result<bool> {
    let asks = sqlx::query_scalar!("select managers_need_second_step from installation")
        .fetch_one(db)
        .await?;
    Ok(asks)
}

/// What an owner wants; it counts from everybody's next request.
pub async fn ask_managers(tx: &mut PgConnection, by: Id<Member>, asks: bool) -> Result<()> {
    let changed = sqlx::query!(
        "update installation set managers_need_second_step = $1 where managers_need_second_step <> $1",
        asks
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() > 0 {
        let detail = json!({"before": {"managers_need_second_step": !asks},
                            "after": {"managers_need_second_step": asks}});
        // There is one installation, and it has no id.
        let whole = Uuid::nil();
        audit::record(
            tx,
            Some(by.get()),
            "change sign-in rule",
            "installation",
            whole,
            detail,
        )
        .await?;
    }
    Ok(())
}

/// A manager or an owner.
#[derive(Clone, Debug)]
pub struct Manages {
    pub name: String,
    pub role: Role,
    pub has_second_step: bool,
}

/// Those without a second step first, by name.
pub async fn who_manages(db: &mut PgConnection) -> Result<Vec<Manages>> {
    let all = sqlx::query_as!(
        Manages,
        r#"select m.name, s.role as "role: Role", a.member_id is not null as "has_second_step!"
           from staff s join members m on m.id = s.member_id
           left join authenticators a on a.member_id = m.id and a.confirmed_at is not null
           where s.role in ('manager', 'owner') order by a.member_id is not null, m.name, m.id"#
    )
    .fetch_all(db)
    .await?;
    Ok(all)
}
