//! A client firm: people belong to any number of companies, each with a role.

use std::str::FromStr;

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::member::Member;
use crate::{audit, error::Result, id::Id};

#[derive(Clone, Debug)]
pub struct Company {
    pub id: Id<Company>,
    pub slug: String,
    pub name: String,
    /// Its bookings carry a purchase order number.
    pub po_required: bool,
    /// What the member who asked may do for it.
    pub role: CompanyRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CompanyRole {
    /// Sees and changes all of the company's bookings, its people and its details.
    Admin,
    /// Books at the company's expense.
    Booker,
    /// Comes along.
    Guest,
}

impl CompanyRole {
    pub const ALL: [CompanyRole; 3] = [CompanyRole::Admin, CompanyRole::Booker, CompanyRole::Guest];

    /// As forms and tables name it.
    pub fn key(self) -> &'static str {
        match self {
            CompanyRole::Admin => "admin",
            CompanyRole::Booker => "booker",
            CompanyRole::Guest => "guest",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            CompanyRole::Admin => "Admin",
            CompanyRole::Booker => "Booker",
            CompanyRole::Guest => "Guest",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            CompanyRole::Admin => "an admin, who looks after its people, bookings and bills",
            CompanyRole::Booker => "a booker, who books at its expense",
            CompanyRole::Guest => "a guest, who comes along",
        }
    }
}

impl FromStr for CompanyRole {
    type Err = ();

    fn from_str(text: &str) -> Result<CompanyRole, ()> {
        CompanyRole::ALL
            .into_iter()
            .find(|role| role.key() == text)
            .ok_or(())
    }
}

/// What its bills say, and whom they go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Details {
    pub name: String,
    pub registration_no: String,
    pub vat_no: String,
    pub billing_address: String,
    pub billing_email: String,
    /// Each booking needs an order number of theirs.
    pub po_required: bool,
    /// Grows with every change.
    #[serde(skip)]
    pub version: i32,
}

#[derive(Clone, Debug)]
pub struct Colleague {
    pub member: Id<Member>,
    /// `CM-7K3M9`
    pub reference: String,
    pub name: String,
    pub email: Option<String>,
    pub role: CompanyRole,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "This was changed elsewhere while you had it open. Look at what is there now, then save again."
    )]
    Stale,
    #[error("Another company has this name.")]
    NameTaken,
    #[error("A company needs an admin. Make somebody else one first.")]
    LastAdmin,
    #[error("A guest does not book at the company's expense.")]
    Guest,
}

impl Colleague {
    /// Those for whom somebody may book at the expense of a company that both belong to, by name.
    pub async fn to_book_for(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Colleague>> {
        let colleagues = sqlx::query_as!(
            Colleague,
            r#"select distinct on (m.name, m.id) m.id as member, m.reference, m.name, m.email, theirs.role as "role: CompanyRole"
               from company_people mine
               join company_people theirs on theirs.company_id = mine.company_id and theirs.member_id <> mine.member_id
               join members m on m.id = theirs.member_id
               where mine.member_id = $1 and mine.role in ('admin', 'booker')
               order by m.name, m.id"#,
            member.get()
        )
        .fetch_all(db)
        .await?;
        Ok(colleagues)
    }

    /// One of them, by their number with us or their address; `None` for anybody else.
    pub async fn booked_for(
        db: &mut PgConnection,
        member: Id<Member>,
        whom: &str,
    ) -> Result<Option<Id<Member>>> {
        let whom = whom.trim();
        let colleagues = Self::to_book_for(db, member).await?.into_iter();
        let mut meant = colleagues.filter(|one| {
            let address = one.email.as_deref();
            one.reference.eq_ignore_ascii_case(whom)
                || address.is_some_and(|email| email.eq_ignore_ascii_case(whom))
        });
        Ok(meant.next().map(|one| one.member))
    }
}

impl Company {
    /// The companies that a member belongs to, by name.
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Company>> {
        let companies = sqlx::query_as!(
            Company,
            r#"select c.id, c.slug, c.name, c.po_required, p.role as "role: CompanyRole"
               from company_people p join companies c on c.id = p.company_id
               where p.member_id = $1 order by c.name"#,
            member.get()
        )
        .fetch_all(db)
        .await?;
        Ok(companies)
    }

    /// What a member may do for a company; `None` if they do not belong to it.
    pub async fn role_of(
        db: &mut PgConnection,
        company: Id<Company>,
        member: Id<Member>,
    ) -> Result<Option<CompanyRole>> {
        let companies = Self::of(db, member).await?;
        let company = companies.into_iter().find(|one| one.id == company);
        Ok(company.map(|company| company.role))
    }

    /// The companies at whose expense a member may book, by name, and the slug of the one that usually pays.
    pub async fn paying_for(
        db: &mut PgConnection,
        member: Id<Member>,
    ) -> Result<(Vec<Company>, Option<String>)> {
        let mut companies = Company::of(&mut *db, member).await?;
        companies.retain(|company| company.role != CompanyRole::Guest);
        let usual = sqlx::query_scalar!(
            "select paying_company_id from members where id = $1",
            member.get()
        )
        .fetch_one(db)
        .await?;
        let usual = companies
            .iter()
            .find(|company| Some(company.id.get()) == usual);
        let usual = usual.map(|company| company.slug.clone());
        Ok((companies, usual))
    }

    /// One that the member belongs to; `None` for all others.
    pub async fn seen_by(
        db: &mut PgConnection,
        member: Id<Member>,
        slug: &str,
    ) -> Result<Option<Company>> {
        let companies = Self::of(db, member).await?;
        Ok(companies.into_iter().find(|company| company.slug == slug))
    }

    /// One that the member administers; `None` for all others.
    pub async fn run_by(
        db: &mut PgConnection,
        member: Id<Member>,
        slug: &str,
    ) -> Result<Option<Company>> {
        let company = Self::seen_by(db, member, slug).await?;
        Ok(company.filter(|company| company.role == CompanyRole::Admin))
    }

    /// Has a company pay for a member's bookings from now on; `None` is the member.
    pub async fn choose_payer(
        tx: &mut PgConnection,
        member: Id<Member>,
        payer: Option<&Company>,
    ) -> Result<Result<(), Refusal>> {
        if payer.is_some_and(|company| company.role == CompanyRole::Guest) {
            return Ok(Err(Refusal::Guest));
        }
        sqlx::query!(
            "update members set paying_company_id = $2 where id = $1",
            member.get(),
            payer.map(|company| company.id.get())
        )
        .execute(&mut *tx)
        .await?;
        let detail = json!({"payer": payer.map(|company| &company.name)});
        audit::record(
            tx,
            Some(member.get()),
            "choose payer",
            "members",
            member.get(),
            detail,
        )
        .await?;
        Ok(Ok(()))
    }

    /// Whoever changes who belongs to it, one at a time.
    pub async fn lock(&self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "select from companies where id = $1 for no key update",
            self.id.get()
        )
        .fetch_one(tx)
        .await?;
        Ok(())
    }

    pub async fn details(&self, db: &mut PgConnection) -> Result<Details> {
        let details = sqlx::query_as!(
            Details,
            "select name, registration_no, vat_no, billing_address, billing_email, po_required, version
             from companies where id = $1",
            self.id.get()
        )
        .fetch_one(db)
        .await?;
        Ok(details)
    }

    /// Writes what changed; `wanted.version` is that of the details which were looked at.
    pub async fn change_details(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        wanted: &Details,
    ) -> Result<Result<(), Refusal>> {
        self.lock(tx).await?;
        let before = self.details(tx).await?;
        if before.version != wanted.version {
            return Ok(Err(Refusal::Stale));
        }
        if before == *wanted {
            return Ok(Ok(()));
        }
        let changed = sqlx::query!(
            "update companies set name = $2, registration_no = $3, vat_no = $4, billing_address = $5,
                 billing_email = $6, po_required = $7, version = version + 1
             where id = $1",
            self.id.get(),
            wanted.name,
            wanted.registration_no,
            wanted.vat_no,
            wanted.billing_address,
            wanted.billing_email,
            wanted.po_required
        )
        .execute(&mut *tx)
        .await;
        match changed {
            Ok(_) => {}
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Ok(Err(Refusal::NameTaken));
            }
            Err(error) => return Err(error.into()),
        }
        let detail = json!({"before": before, "after": wanted});
        audit::record(
            tx,
            Some(by.get()),
            "change company",
            "companies",
            self.id.get(),
            detail,
        )
        .await?;
        Ok(Ok(()))
    }

    /// Its people, admins first, then by name.
    pub async fn people(&self, db: &mut PgConnection) -> Result<Vec<Colleague>> {
        let people = sqlx::query_as!(
            Colleague,
            r#"select m.id as member, m.reference, m.name, m.email, p.role as "role: CompanyRole"
               from company_people p join members m on m.id = p.member_id
               where p.company_id = $1 order by p.role <> 'admin', m.name, m.id"#,
            self.id.get()
        )
        .fetch_all(db)
        .await?;
        Ok(people)
    }

    /// Gives one of its people another role. False if they do not belong to it.
    pub async fn change_role(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        member: Id<Member>,
        role: CompanyRole,
    ) -> Result<Result<bool, Refusal>> {
        self.lock(tx).await?;
        let Some(before) = Self::role_of(tx, self.id, member).await? else {
            return Ok(Ok(false));
        };
        if role != CompanyRole::Admin && self.is_last_admin(tx, member).await? {
            return Ok(Err(Refusal::LastAdmin));
        }
        Self::admit(tx, self.id, member, role).await?;
        let detail = json!({"member": member.get(), "before": before, "after": role});
        audit::record(
            tx,
            Some(by.get()),
            "change role",
            "companies",
            self.id.get(),
            detail,
        )
        .await?;
        Ok(Ok(true))
    }

    /// Lets one of its people go. Their bookings stay. False if they do not belong to it.
    pub async fn remove(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        member: Id<Member>,
    ) -> Result<Result<bool, Refusal>> {
        self.lock(tx).await?;
        if self.is_last_admin(tx, member).await? {
            return Ok(Err(Refusal::LastAdmin));
        }
        let removed = sqlx::query!(
            "delete from company_people where company_id = $1 and member_id = $2",
            self.id.get(),
            member.get()
        )
        .execute(&mut *tx)
        .await?;
        if removed.rows_affected() == 0 {
            return Ok(Ok(false));
        }
        let detail = json!({"member": member.get()});
        audit::record(
            tx,
            Some(by.get()),
            "leave company",
            "companies",
            self.id.get(),
            detail,
        )
        .await?;
        Ok(Ok(true))
    }

    async fn is_last_admin(&self, db: &mut PgConnection, member: Id<Member>) -> Result<bool> {
        let admins = sqlx::query_scalar!(
            "select member_id from company_people where company_id = $1 and role = 'admin'",
            self.id.get()
        )
        .fetch_all(db)
        .await?;
        Ok(admins == [member.get()])
    }

    /// `name` is no other company's.
    pub async fn add(tx: &mut PgConnection, name: &str) -> Result<Id<Company>> {
        let id = Uuid::now_v7();
        sqlx::query!("insert into companies (id, name) values ($1, $2)", id, name)
            .execute(tx)
            .await?;
        Ok(id.into())
    }

    /// Takes a member in, or gives one who is in another role. What a guest books, they pay themselves.
    pub async fn admit(
        tx: &mut PgConnection,
        company: Id<Company>,
        member: Id<Member>,
        role: CompanyRole,
    ) -> Result<()> {
        sqlx::query!(
            "insert into company_people (company_id, member_id, role) values ($1, $2, $3)
             on conflict (company_id, member_id) do update set role = excluded.role",
            company.get(),
            member.get(),
            role as CompanyRole
        )
        .execute(&mut *tx)
        .await?;
        if role == CompanyRole::Guest {
            sqlx::query!(
                "update members set paying_company_id = null where id = $1 and paying_company_id = $2",
                member.get(),
                company.get()
            )
            .execute(tx)
            .await?;
        }
        Ok(())
    }
}
