//! Whose request this is, as far as addresses tell.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::state::AppState;

/// The proxies whose `X-Forwarded-For` counts (contract, section 2).
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(pub(crate) Vec<IpNet>);

impl Proxies {
    /// Whether `address` is one of them.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind `peer`: from the right, the first address that no proxy of ours has. What stands left of it
    /// was written by the client, who may write what he likes.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|line| line.to_str().ok());
        let hops: Vec<_> = lines.flat_map(|line| line.split(',')).collect();
        for hop in hops.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            let Ok(address) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            client = address.to_canonical();
        }
        client
    }
}

/// The address that a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(address)| address.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(Self(state.proxies.client(peer, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let proxies = Proxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let check = |peer: &str, forwarded: &str, expect: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let client = proxies.client(peer.parse().unwrap(), &headers);
            assert_eq!(
                client,
                expect.parse::<IpAddr>().unwrap(),
                "{peer} {forwarded}"
            );
        };
        check("192.0.2.1", "198.51.100.9", "192.0.2.1");
        check("10.0.0.1", "198.51.100.9", "198.51.100.9");
        check(
            "10.0.0.1",
            "1.1.1.1, 198.51.100.9, 10.0.0.2",
            "198.51.100.9",
        );
        check("10.0.0.1", "nonsense", "10.0.0.1");
        check("::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9");
    }
}
