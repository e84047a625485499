//! A client firm: people belong to any number of companies, each with a role.

use sqlx::PgConnection;
use uuid::Uuid;

use super::member::Member;
use crate::{error::Result, id::Id};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CompanyRole {
    /// Sees and changes all of the company's bookings.
    Admin,
    /// Books at the company's expense.
    Booker,
    /// Comes along.
    Guest,
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

    /// `name` is no other company's.
    pub async fn add(tx: &mut PgConnection, name: &str) -> Result<Id<Company>> {
        let id = Uuid::now_v7();
        sqlx::query!("insert into companies (id, name) values ($1, $2)", id, name)
            .execute(tx)
            .await?;
        Ok(id.into())
    }

    /// Takes a member in, or gives one who is in another role.
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
        .execute(tx)
        .await?;
        Ok(())
    }
}
