//! What `docs/performance.md` tells is what `bin/bench` measures.

#[path = "../../benches/rows/names.rs"]
mod names;

#[test]
fn each_row_that_is_measured_stands_in_the_document() {
    let document = include_str!("../../docs/performance.md");
    let cells = document.lines().filter_map(|line| line.strip_prefix("| "));
    let told: Vec<&str> = cells
        .filter_map(|cells| cells.split(" | ").next())
        .collect();
    for (number, (word, _)) in names::ROWS.into_iter().enumerate() {
        let row = format!("{} {word}", number + 1);
        assert!(told.contains(&row.as_str()), "no row {row}: {told:?}");
    }
}
