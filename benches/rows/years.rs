//! What the past costs: the same pages after a million bookings and after a month of them.

use std::rc::Rc;

use anyhow::{Context, Result};
use chrono::Days;

use crate::bench::{Bench, Slot};
use crate::client::{Ask, Connection};
use crate::load::Figures;
use crate::people::Person;
use crate::site::Site;
use crate::table::Table;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let (last, first) = (
        bench.house.today - Days::new(1),
        bench.house.today - Days::new(28),
    );
    let reports = format!("/admin/reports?first={first}&last={last}");
    let pages = [
        ("the day's grid", bench.grid(), false),
        ("a search", bench.search(), false),
        ("my bookings", "/bookings".to_owned(), false),
        ("the reports of four weeks", reports, true),
    ];
    for (what, path, by_owner) in pages {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for _ in 0..bench.rounds() {
            let staff = by_owner.then_some((&bench.owner, &bench.owner_of_new));
            old.push(
                look(
                    bench,
                    &bench.old,
                    &path,
                    staff.map(|staff| staff.0),
                    &bench.readers,
                )
                .await?,
            );
            new.push(
                look(
                    bench,
                    &bench.new,
                    &path,
                    staff.map(|staff| staff.1),
                    &bench.readers_of_new,
                )
                .await?,
            );
        }
        tell(bench, table, what, (&old, &new));
    }
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let slots = bench.slots(1_200);
        old.push(book(bench, &bench.old, &slots, &bench.bookers).await?);
        new.push(book(bench, &bench.new, &slots, &bench.bookers_of_new).await?);
    }
    tell(bench, table, "a booking", (&old, &new));
    Ok(())
}

fn tell(bench: &Bench, table: &mut Table, what: &str, (old, new): (&[Figures], &[Figures])) {
    let pair = (Figures::median(old).stack(), Figures::median(new).stack());
    let what = format!("CPU of {what}, {} past bookings beside 10000", bench.past);
    table.at_most_times(what, pair, "ms", 1.25);
}

async fn look(
    bench: &Bench,
    site: &Site,
    path: &str,
    staff: Option<&Person>,
    people: &[Person],
) -> Result<Figures> {
    let path = path.to_owned();
    let people: Vec<Person> = staff.map_or_else(|| people.to_vec(), |owner| vec![owner.clone()]);
    let ask =
        move |who: usize, n: usize| Ask::page(&path, &people[(who + n) % people.len()].cookie);
    bench.load(4).pages(site.meter, site.at, ask).await
}

/// Through the API, in one request.
async fn book(bench: &Bench, site: &Site, slots: &[Slot], people: &[Person]) -> Result<Figures> {
    const CONNECTIONS: usize = 4;
    let (slots, people): (Rc<[Slot]>, Rc<[Person]>) = (slots.into(), people.into());
    let work = async move |connection: &mut Connection, who: usize, n: usize| {
        let slot = slots
            .get(who + n * CONNECTIONS)
            .context("more bookings than times")?;
        let person = &people[(who + n * CONNECTIONS) % people.len()];
        connection.get(&slot.order(person)).await.map(|_| ())
    };
    bench
        .load(CONNECTIONS)
        .run(site.meter, &[site.at], work)
        .await
}
