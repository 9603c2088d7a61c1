//! What snapshots look like on screens of several sizes.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::draw::{draw, lines, text};
use super::keys::Then;
use super::rates::{Flow, Rates};
use super::view::View;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use snapbox::assert_data_eq;
use snapbox::str;
use std::time::Duration;
use weft_control::protocol::{ChannelRow, Event as Happened, ProcessRow, Snapshot, State};

/// A second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

fn process(id: u64, name: &str, cpu_time: u64, state: State) -> ProcessRow {
    ProcessRow {
        id,
        name: name.to_owned(),
        component: name.to_owned(),
        state,
        started: 0,
        age: u64::MAX,
        cpu_time,
        memory: id << 20,
        handles: 10 - id,
        channels: 0,
        children: 0,
        restarts: id % 3,
        starter: None,
    }
}

fn channel(name: &str, maker: Option<&str>, frames: u64) -> ChannelRow {
    ChannelRow {
        name: name.to_owned(),
        maker: maker.map(str::to_owned),
        capacity: 1 << 20,
        frames_written: frames,
        bytes_written: frames * 64,
        frames_held: frames / 100,
        bytes_held: frames,
        dropped: frames / 1000,
        lag: frames / 10,
        readers: 1,
        peeks: 0,
        writers: 1,
    }
}

/// A snapshot at this second. The processes have used this share of the time, and the channels have had this many
/// frames a second.
fn at(second: u64) -> Snapshot {
    let spent = |percent: u64| second * SECOND / 100 * percent;
    Snapshot {
        host: "here".to_owned(),
        runner: "flights".to_owned(),
        pid: 4242,
        taken: second * SECOND,
        started: 0,
        age: second * SECOND,
        processes: vec![
            process(
                1,
                "source",
                spent(5),
                State::Ended("returned 20000".to_owned()),
            ),
            process(2, "parse", spent(98), State::Running),
            process(3, "join", spent(40), State::Waiting("trapped".to_owned())),
        ],
        channels: vec![
            channel("lines", None, second * 1000),
            channel("#7", Some("join (3)"), second * 2000),
        ],
        left_out: 0,
    }
}

fn view() -> View {
    let mut view = View::new(at(62), Duration::from_secs(1));
    view.update(at(64));
    view
}

fn screen(view: &mut View, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| draw(view, frame.area(), frame.buffer_mut()))
        .unwrap();
    lines(terminal.backend().buffer()).join("\n") + "\n"
}

fn press(view: &mut View, codes: &[KeyCode]) {
    for code in codes {
        let key = Event::Key(KeyEvent::new(*code, KeyModifiers::NONE));
        assert_eq!(view.take(&key), Then::Draw);
    }
}

#[test]
fn processes_and_channels_are_drawn_with_what_they_use() {
    assert_data_eq!(
        screen(&mut view(), 100, 14),
        str![[r#"
flights (4242)  up 1m 4s  3 processes  2 channels  every 1s
  ID  NAME    CPU%    TIME   MEMORY  HANDLES  RESTARTS  STATE
   2  parse   98.0   1m 2s  2.0 MiB        8         2  running
   3  join    40.0  25.60s  3.0 MiB        7         0  restarting: trapped
   1  source   5.0   3.20s  1.0 MiB        9         1  returned 20000





  NAME   MAKER     FRAMES/S    BYTES/S  DEPTH       HELD  CAPACITY    LAG       DROPS
  lines  -             1000   62.5 KiB    640   62.5 KiB   1.0 MiB   6400   64 (+1/s)
  #7     join (3)      2000  125.0 KiB   1280  125.0 KiB   1.0 MiB  12800  128 (+2/s)
q quit  ↑↓ select  s sort  r reverse  tab other table

"#]]
    );
}

#[test]
fn a_small_screen_shows_what_matters_most_and_a_tiny_one_breaks_nothing() {
    assert_data_eq!(
        screen(&mut view(), 40, 10),
        str![[r#"
flights (4242)  up 1m 4s  3 processes  2
  NAME    CPU%    TIME   MEMORY
  parse   98.0   1m 2s  2.0 MiB
  join    40.0  25.60s  3.0 MiB
  source   5.0   3.20s  1.0 MiB

  NAME   FRAMES/S  DEPTH    LAG
  lines      1000    640   6400
  #7         2000   1280  12800
q quit  ↑↓ select  s sort  r reverse  ta

"#]]
    );
    for width in 0..40 {
        for height in 0..12 {
            screen(&mut view(), width, height);
        }
    }
}

#[test]
fn rates_are_what_came_between_two_snapshots() {
    let (before, now) = (at(10), at(12));
    let rates = Rates::between(&before, &now);
    assert_eq!(rates.cpu(&now.processes[1]), Some(98.0));
    let flow = Flow {
        frames: 1000.0,
        bytes: 64_000.0,
        dropped: 1.0,
    };
    assert_eq!(rates.flow(&now.channels[0]), Some(flow));
}

#[test]
fn a_wall_clock_that_is_set_changes_no_rate() {
    let (before, mut now) = (at(10), at(12));
    let rates = Rates::between(&before, &now);
    for set in [0, 3600 * SECOND] {
        now.taken = set;
        assert_eq!(Rates::between(&before, &now), rates);
    }
}

#[test]
fn a_new_process_is_measured_from_its_start_and_another_runner_not_at_all() {
    let (before, mut now) = (at(10), at(12));
    now.processes[1].id = 9;
    now.processes[1].age = SECOND;
    now.processes[1].cpu_time = SECOND / 2;
    let rates = Rates::between(&before, &now);
    assert_eq!(rates.cpu(&now.processes[1]), Some(50.0));
    now.pid += 1;
    assert_eq!(Rates::between(&before, &now), Rates::default());
    assert_eq!(Rates::between(&before, &before), Rates::default());
}

#[test]
fn events_tell_which_rows_there_are_and_numbers_what_goes_on_in_them() {
    let mut view = View::new(at(10), Duration::from_secs(1));
    let names = |view: &View| {
        let rows = view.process_rows();
        rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>()
    };
    view.apply(Happened::Started(process(9, "late", 0, State::Running)));
    view.apply(Happened::Forgotten { id: 3 });
    view.apply(Happened::Gone {
        name: "lines".to_owned(),
        maker: None,
    });
    let mut shown = names(&view);
    shown.sort();
    assert_eq!(shown, ["late", "parse", "source"]);
    // The numbers come behind the events that they contain, so their rows are all there are.
    view.apply(Happened::Numbers(at(12)));
    let rows = |snapshot: &Snapshot| snapshot.processes.len() + snapshot.channels.len();
    assert_eq!(rows(&view.now), rows(&at(12)));
    let parse = view.now.processes.iter().find(|row| row.name == "parse");
    assert_eq!(view.rates.cpu(parse.unwrap()), Some(98.0));
    assert_eq!(parse.unwrap().cpu_time, at(12).processes[1].cpu_time);
}

#[test]
fn rows_are_sorted_by_any_column_and_either_way() {
    let names = |view: &View| {
        let rows = view.process_rows();
        rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>()
    };
    let mut view = view();
    assert_eq!(names(&view), ["parse", "join", "source"]);
    press(&mut view, &[KeyCode::Char('r')]);
    assert_eq!(names(&view), ["source", "join", "parse"]);
    // By time, by memory.
    press(
        &mut view,
        &[KeyCode::Char('r'), KeyCode::Char('s'), KeyCode::Char('s')],
    );
    assert_eq!(names(&view), ["join", "parse", "source"]);
    // From memory back over time, CPU, name and id to the runner's order.
    press(&mut view, &[KeyCode::Char('S'); 5]);
    assert_eq!(names(&view), ["source", "parse", "join"]);
}

#[test]
fn what_is_selected_stays_so_wherever_it_goes_and_its_place_when_it_is_gone() {
    let mut view = view();
    let selected = |view: &mut View| {
        let screen = screen(view, 100, 14);
        let line = screen.lines().find(|line| line.starts_with('>'));
        line.unwrap_or("")
            .split_whitespace()
            .nth(2)
            .unwrap_or("")
            .to_owned()
    };
    assert_eq!(selected(&mut view), "");
    press(&mut view, &[KeyCode::Down, KeyCode::Down]);
    assert_eq!(selected(&mut view), "join");
    press(&mut view, &[KeyCode::Char('r')]);
    assert_eq!(selected(&mut view), "join");
    let mut now = at(66);
    now.processes.remove(2);
    view.update(now);
    assert_eq!(selected(&mut view), "parse");
    press(&mut view, &[KeyCode::Home]);
    assert_eq!(selected(&mut view), "source");
    press(&mut view, &[KeyCode::End, KeyCode::PageDown]);
    assert_eq!(selected(&mut view), "parse");
    // In the other table.
    press(&mut view, &[KeyCode::Tab, KeyCode::Down]);
    assert!(screen(&mut view, 100, 14).contains("> lines"));
}

#[test]
fn q_escape_and_ctrl_c_quit() {
    let mut view = view();
    let mut key = |code, modifiers| view.take(&Event::Key(KeyEvent::new(code, modifiers)));
    let none = KeyModifiers::NONE;
    assert_eq!(key(KeyCode::Char('q'), none), Then::Quit);
    assert_eq!(key(KeyCode::Esc, none), Then::Quit);
    assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Then::Quit);
    assert_eq!(key(KeyCode::Char('c'), none), Then::Draw);
}

#[test]
fn names_of_guests_cannot_break_the_screen() {
    let mut snapshot = at(1);
    snapshot.processes[0].name = "a\n\u{1b}[2J".to_owned();
    snapshot.channels[0].maker = Some("\u{9b}1m".to_owned());
    let mut view = View::new(snapshot, Duration::from_secs(1));
    let shown = screen(&mut view, 100, 14);
    assert!(shown.contains(r"a\n\u{1b}[2J"), "{shown}");
}

#[test]
fn as_text_everything_is_told_without_keys() {
    assert_data_eq!(
        text(&mut view(), Some(100)),
        str![[r#"
flights (4242)  up 1m 4s  3 processes  2 channels  every 1s
  ID  NAME    CPU%    TIME   MEMORY  HANDLES  RESTARTS  STATE
   2  parse   98.0   1m 2s  2.0 MiB        8         2  running
   3  join    40.0  25.60s  3.0 MiB        7         0  restarting: trapped
   1  source   5.0   3.20s  1.0 MiB        9         1  returned 20000

  NAME   MAKER     FRAMES/S    BYTES/S  DEPTH       HELD  CAPACITY    LAG       DROPS
  lines  -             1000   62.5 KiB    640   62.5 KiB   1.0 MiB   6400   64 (+1/s)
  #7     join (3)      2000  125.0 KiB   1280  125.0 KiB   1.0 MiB  12800  128 (+2/s)

"#]]
    );
    let mut many = at(1);
    let row = many.processes[1].clone();
    many.processes = (0..200)
        .map(|id| ProcessRow { id, ..row.clone() })
        .collect();
    let mut view = View::new(many, Duration::from_secs(1));
    assert_eq!(text(&mut view, None).matches("parse").count(), 200);
}
