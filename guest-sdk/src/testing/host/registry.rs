//! `registry`.

use super::channel::channel::{held, made};
use crate::bindings::weft::fabric::channel::Channel;
use crate::bindings::weft::fabric::registry::Registration;
use crate::bindings::weft::fabric::types::Error;
use crate::testing::world::{Held, world};
use std::task::Waker;

pub(crate) fn publish(name: &str, channel: &Channel) -> Result<Registration, Error> {
    let world = world();
    if world.names.borrow().contains_key(name) {
        return Err(Error::AlreadyExists(name.to_owned()));
    }
    let (end, access) = held(channel);
    let shown = (end.narrow(true), access);
    world.names.borrow_mut().insert(name.to_owned(), shown);
    world.seekers.take().into_iter().for_each(Waker::wake);
    let handle = world.hold(Held::Name(name.to_owned()));
    Ok(crate::bindings::new_registration(handle))
}

pub(crate) fn lookup(name: &str) -> Result<Channel, Error> {
    let world = world();
    let found = {
        let names = world.names.borrow();
        let shown = names.get(name);
        shown.map(|(channel, access)| (channel.narrow(true), *access))
    };
    let (channel, access) = found.ok_or_else(|| Error::NotFound(name.to_owned()))?;
    Ok(made(channel, access))
}

pub(crate) mod registration {
    use crate::bindings::weft::fabric::registry::Registration;
    use crate::testing::world::{Held, world};

    pub(crate) fn name(this: &Registration) -> String {
        world().held(this.handle(), |held| match held {
            Held::Name(name) => Some(name.clone()),
            _ => None,
        })
    }
}
