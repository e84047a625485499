//! Finding people by what they say of themselves, also where there are very many.

use std::time::{Duration, Instant};

use connect_space::members::{find, roster};

use crate::support::House;

async fn names(house: &House, typed: &str) -> Vec<String> {
    let mut db = house.app.db.acquire().await.unwrap();
    let found = find::people(&mut db, typed, 20).await.unwrap();
    found.into_iter().map(|found| found.name).collect()
}

#[tokio::test]
async fn by_letters_company_address_and_the_end_of_the_phone_number() {
    let house = House::open().await;
    house
        .run(
            "insert into members (id, name, email, phone) values
                 (gen_random_uuid(), 'Zoë van der Berg-Ngcobo', null, '+27831114567'),
                 (gen_random_uuid(), 'Mthandeni 50% Off', 'off@example.com', null);
             insert into members (id, name, merged_into) select gen_random_uuid(), 'Sipho Dlamini', id from members where name = 'Sipho Dlamini'",
        )
        .await;
    for (typed, expected) in [
        ("thand", vec!["Thandeka Mkhize"]),
        ("mkh tha", vec!["Thandeka Mkhize"]),
        ("SIPHO", vec!["Sipho Dlamini"]),
        ("umoya", vec!["Sipho Dlamini", "Thandeka Mkhize"]),
        ("umoya si", vec!["Sipho Dlamini"]),
        ("zoe", vec!["Zoë van der Berg-Ngcobo"]),
        ("ngcobo", vec!["Zoë van der Berg-Ngcobo"]),
        ("4567", vec!["Zoë van der Berg-Ngcobo"]),
        ("083 111 4567", vec!["Zoë van der Berg-Ngcobo"]),
        ("+27831114567", vec!["Zoë van der Berg-Ngcobo"]),
        ("zoe 567", vec!["Zoë van der Berg-Ngcobo"]),
        ("zoe 568", vec![]),
        ("priya@example", vec!["Priya Naidoo"]),
        ("50%", vec!["Mthandeni 50% Off"]),
        ("%", vec![]),
        ("_", vec![]),
        ("", vec![]),
        ("nobody", vec![]),
    ] {
        assert_eq!(names(&house, typed).await, expected, "{typed:?}");
    }
}

#[tokio::test]
async fn those_whose_name_begins_so_come_first() {
    let house = House::open().await;
    house
        .run("insert into members (id, name) values (gen_random_uuid(), 'Abel Nair'), (gen_random_uuid(), 'Nairobi Peters')")
        .await;
    assert_eq!(names(&house, "nair").await, ["Nairobi Peters", "Abel Nair"]);
}

#[tokio::test]
async fn among_twenty_thousand_at_once() {
    let house = House::open().await;
    house
        .run(
            "insert into members (id, name, email, phone)
             select gen_random_uuid(), (array['Ayanda', 'Bongani', 'Chantal', 'Devan', 'Fatima'])[1 + n % 5] || ' ' || md5(n::text),
                    'person-' || n || '@example.com', '+2772' || lpad(n::text, 7, '0')
             from generate_series(1, 20000) n;
             insert into companies (id, name) select gen_random_uuid(), 'Firm ' || md5(n::text) from generate_series(1, 5000) n;
             analyze",
        )
        .await;
    for typed in ["thandeka", "a", "0019999", "umoya", "ayanda 12"] {
        names(&house, typed).await;
        let begun = Instant::now();
        names(&house, typed).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(250), "{typed}: {took:?}");
    }
    // The list of all members reads no more of them for a letter.
    let mut db = house.app.db.acquire().await.unwrap();
    for typed in ["a", "th", "c 12"] {
        let which = roster::Which {
            words: typed.to_owned(),
            most: 50,
            ..roster::Which::default()
        };
        roster::list(&mut db, &which).await.unwrap();
        let begun = Instant::now();
        let found = roster::list(&mut db, &which).await.unwrap();
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(250), "{typed}: {took:?}");
        let letter = typed[..1].to_owned();
        let begin = |name: &str| name.to_lowercase().starts_with(&letter);
        assert!(
            !found.is_empty() && found.iter().all(|one| begin(&one.name)),
            "{typed}"
        );
    }
}
