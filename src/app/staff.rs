//! The staff desk: settings -> its options, and its own address if there is one.

use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{listen, records};
use crate::channels::http::{self, StaffOptions, StaffUser};
use crate::embedding::Encoder;
use crate::settings::{Settings, Staff};

/// The staff desk: its options, and the listener of its own address.
pub(super) struct StaffDesk {
    options: StaffOptions,
    listener: Option<TcpListener>,
    /// The public address of that listener.
    url: Option<String>,
}

/// Checks the settings of the staff desk; `None` if it is off.
///
/// # Errors
/// A setting that cannot be used, or records that are off.
pub(super) fn options(
    settings: &Settings,
    encoder: Option<Arc<Encoder>>,
) -> anyhow::Result<Option<StaffOptions>> {
    let Some(staff) = Staff::from_sources(&settings.sources)? else {
        return Ok(None);
    };
    let records = records::location(settings)?;
    let records = records.context(
        "the staff desk (MADOGUCHI_STAFF_TOKEN) needs the records, but MADOGUCHI_RECORDS is `off`, expected a database, for example `sqlite://data/records.db`",
    )?;
    let users = staff.users.into_iter().map(|(name, token)| StaffUser {
        name,
        token: token.expose().to_owned(),
    });
    Ok(Some(StaffOptions {
        users: users.collect(),
        user_header: staff.user_header,
        review: staff.review,
        git: staff.git,
        records,
        knowledge: settings.knowledge.clone(),
        encoder,
    }))
}

/// Opens the staff desk; `None` if it is off.
///
/// # Errors
/// Those of [`options`], or an address that cannot be used.
pub(super) async fn open(
    settings: &Settings,
    encoder: Option<Arc<Encoder>>,
) -> anyhow::Result<Option<StaffDesk>> {
    let Some(options) = options(settings, encoder)? else {
        return Ok(None);
    };
    let staff = Staff::from_sources(&settings.sources)?;
    let (address, url) = staff.map_or((None, None), |staff| (staff.listen, staff.url));
    let listener = match address {
        Some(address) => Some(listen::staff(address).await?),
        None => None,
    };
    Ok(Some(StaffDesk {
        options,
        listener,
        url,
    }))
}

/// Serves the staff desk on its own address, if it has one, with everything that members see; `shared` are the
/// options of the public one. Returns the options of the staff desk if it is to be served there.
///
/// # Errors
/// An address that cannot be read.
pub(super) fn serve(
    desk: StaffDesk,
    service: &http::Service,
    shared: http::Options,
    stop: CancellationToken,
) -> anyhow::Result<Option<StaffOptions>> {
    /// Some browsers of the staff.
    const MAX_CONNECTIONS: usize = 256;
    let Some(listener) = desk.listener else {
        return Ok(Some(desk.options));
    };
    let server = http::Server {
        max_connections: MAX_CONNECTIONS,
        max_per_client: MAX_CONNECTIONS / 2,
        trusted_proxies: shared.trusted_proxies.clone(),
        draining: service.draining.clone(),
        ..http::Server::default()
    };
    let options = http::Options {
        operator_routes: http::OperatorRoutes::CLOSED,
        staff: Some(desk.options),
        // That of members is another one.
        public_url: desk.url,
        ..shared
    };
    let address = listener.local_addr()?;
    tracing::info!(address = %address, "staff address ready");
    let router = http::router(service.clone(), options);
    tokio::spawn(server.serve(listener, router, stop.cancelled_owned()));
    Ok(None)
}
