//! Writes the sample members with their companies, accounts and passwords, and the staff.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    dice::Dice,
    names::{FIRMS, ON_THEIR_OWN, STAFF},
};

pub struct People {
    /// The first one is `member@connect.example`.
    pub members: Vec<Person>,
    pub receptionist: Uuid,
}

pub struct Person {
    pub id: Uuid,
    pub account: Uuid,
    /// The account of their company.
    pub company: Option<Uuid>,
    /// A location's id.
    pub home: Uuid,
}

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    locations: &BTreeMap<&'static str, Uuid>,
    password_hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<People> {
    let mut rows = Rows::default();
    for firm in &FIRMS {
        let company_id = dice.id(now);
        let billing_address = "Sample address";
        rows.companies.push(CompanyRow {
            id: company_id,
            name: firm.name,
            billing_address,
            created_at: now - SINCE,
        });
        for (at, name) in firm.people.iter().enumerate() {
            let role = if at == 0 { "admin" } else { "booker" };
            let member_id = rows.member(dice, name, locations[firm.location], now);
            rows.company_people.push(CompanyPersonRow {
                company_id,
                member_id,
                role,
            });
        }
    }
    for (name, location) in ON_THEIR_OWN {
        rows.member(dice, name, locations[location], now);
    }
    for (row, who) in rows.members.iter_mut().zip(["member", "colleague"]) {
        row.sign_in(who, password_hash);
    }
    let members = rows.open_accounts(dice, now);
    let mut receptionist = members[0].id;
    for (name, role, location) in STAFF {
        let member_id = rows.member(dice, name, locations["umhlanga"], now);
        if role == "receptionist" {
            receptionist = member_id;
        }
        rows.staff.push(StaffRow {
            member_id,
            role,
            location_id: location.map(|slug| locations[slug]),
        });
    }
    for (row, (_, role, _)) in rows.members.iter_mut().skip(members.len()).zip(STAFF) {
        row.sign_in(role, password_hash);
    }
    rows.write(tx).await?;
    Ok(People {
        members,
        receptionist,
    })
}

/// How long the oldest members have been with us.
const SINCE: Duration = Duration::days(420);

/// `zoe.van.wyk@sample.example`.
fn address(name: &str) -> String {
    let plain = name
        .to_lowercase()
        .replace('ë', "e")
        .replace('ã', "a")
        .replace('’', "");
    format!("{}@sample.example", plain.replace(' ', "."))
}

#[derive(Default)]
struct Rows {
    members: Vec<MemberRow>,
    companies: Vec<CompanyRow>,
    company_people: Vec<CompanyPersonRow>,
    accounts: Vec<AccountRow>,
    staff: Vec<StaffRow>,
}

impl Rows {
    fn member(
        &mut self,
        dice: &mut Dice,
        name: &'static str,
        home: Uuid,
        now: DateTime<Utc>,
    ) -> Uuid {
        let created_at = now - SINCE + Duration::minutes(dice.between(0..300 * 1440));
        let id = dice.id(created_at);
        self.members.push(MemberRow {
            id,
            name,
            email: address(name),
            email_verified_at: created_at,
            phone: format!("+2782000{:04}", self.members.len() + 1),
            home_location_id: home,
            password_hash: None,
            created_at,
        });
        id
    }

    fn open_accounts(&mut self, dice: &mut Dice, now: DateTime<Utc>) -> Vec<Person> {
        let mut companies = BTreeMap::new();
        for company in &self.companies {
            let id = dice.id(now);
            companies.insert(company.id, id);
            self.accounts.push(AccountRow {
                id,
                member_id: None,
                company_id: Some(company.id),
            });
        }
        let mut people = Vec::new();
        for member in &self.members {
            let account = dice.id(now);
            self.accounts.push(AccountRow {
                id: account,
                member_id: Some(member.id),
                company_id: None,
            });
            let works_at = self.company_people.iter();
            let works_at = works_at.filter(|row| row.member_id == member.id);
            people.push(Person {
                id: member.id,
                account,
                company: works_at.map(|row| companies[&row.company_id]).next(),
                home: member.home_location_id,
            });
        }
        people
    }

    async fn write(&self, tx: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into members (id, name, email, email_verified_at, phone, home_location_id, password_hash, created_at)
             select id, name, email, email_verified_at, phone, home_location_id, password_hash, created_at
             from jsonb_populate_recordset(null::members, $1)",
            Json(&self.members) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into companies (id, name, billing_address, created_at)
             select id, name, billing_address, created_at from jsonb_populate_recordset(null::companies, $1)",
            Json(&self.companies) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into company_people (company_id, member_id, role)
             select company_id, member_id, role
             from jsonb_populate_recordset(null::company_people, $1)",
            Json(&self.company_people) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into staff (member_id, role, location_id)
             select member_id, role, location_id
             from jsonb_populate_recordset(null::staff, $1)",
            Json(&self.staff) as _
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into accounts (id, member_id, company_id) select id, member_id, company_id from jsonb_populate_recordset(null::accounts, $1)",
            Json(&self.accounts) as _
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

#[derive(Serialize)]
struct MemberRow {
    id: Uuid,
    name: &'static str,
    email: String,
    email_verified_at: DateTime<Utc>,
    phone: String,
    home_location_id: Uuid,
    password_hash: Option<String>,
    created_at: DateTime<Utc>,
}

impl MemberRow {
    /// Lets them sign in with a password, as `who` of the house.
    fn sign_in(&mut self, who: &str, password_hash: &str) {
        self.email = format!("{who}@connect.example");
        self.password_hash = Some(password_hash.to_owned());
    }
}

#[derive(Serialize)]
struct CompanyRow {
    id: Uuid,
    name: &'static str,
    billing_address: &'static str,
    created_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct CompanyPersonRow {
    company_id: Uuid,
    member_id: Uuid,
    role: &'static str,
}

#[derive(Serialize)]
struct AccountRow {
    id: Uuid,
    member_id: Option<Uuid>,
    company_id: Option<Uuid>,
}

#[derive(Serialize)]
struct StaffRow {
    member_id: Uuid,
    role: &'static str,
    location_id: Option<Uuid>,
}
