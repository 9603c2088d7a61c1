//! Types of a guest's own in the signature of an entry point, as the test kit has them.

#![allow(missing_docs, clippy::unwrap_used)]

use weft_guest::{ExitStatus, Process, Reader, Result, WitType, testing};

#[derive(Clone, Debug, PartialEq, WitType)]
struct Config {
    max_rows: Option<u32>,
    mode: Mode,
    rights: Rights,
}

#[derive(Clone, Debug, PartialEq, WitType)]
enum Mode {
    Fast,
    ReadTwice(f32),
}

#[derive(Clone, Debug, PartialEq, WitType)]
#[wit(flags)]
struct Rights {
    read: bool,
    write_all: bool,
}

#[derive(WitType)]
struct Wiring {
    config: Config,
    input: Reader,
    neighbour: Process,
}

#[weft_guest::main]
async fn main(wiring: Wiring, ignored: Vec<Config>) -> Result<Config> {
    let Wiring {
        config,
        mut input,
        neighbour,
    } = wiring;
    drop(ignored);
    input.read().await?;
    neighbour.wait().await;
    Ok(config)
}

#[test]
fn a_value_of_the_guests_own_type_is_told_as_a_host_would() -> Result {
    testing::run(async {
        let (_frames, input) = testing::channel(64);
        drop(_frames);
        let config = Config {
            max_rows: Some(3),
            mode: Mode::ReadTwice(0.5),
            rights: Rights {
                read: true,
                write_all: true,
            },
        };
        let neighbour = testing::start(async {}).process();
        let wiring = Wiring {
            config: config.clone(),
            input,
            neighbour,
        };
        let guest = testing::start(main(wiring, vec![config.clone()]));
        let told = "{max-rows: some(3), mode: read-twice(0.5), rights: {read, write-all}}";
        assert_eq!(guest.wait().await, ExitStatus::Returned(told.into()));
        assert_eq!(guest.returned().await?, config);
        Ok(())
    })
}
