//! The proxies in front, which alone are believed when they say for whom they ask.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or all that begin with the same bits, as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    start: u128,
    bits: u32,
}

impl Network {
    pub fn holds(&self, address: IpAddr) -> bool {
        let rest = 128 - self.bits;
        // All addresses begin with the same no bits at all, and a shift by 128 is none.
        rest == 128 || number(address) >> rest == self.start >> rest
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Network, Self::Err> {
        const SHAPE: &str = "write it as an address or a network, like 127.0.0.1 or 10.0.0.0/8";
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| SHAPE)?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| SHAPE)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(SHAPE);
        }
        Ok(Network {
            start: number(address),
            bits: bits + 128 - most,
        })
    }
}

/// IPv4 addresses as the IPv6 addresses that stand for them.
fn number(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Whether a connection comes from one of the proxies.
pub fn are_ours(proxies: &[Network], address: IpAddr) -> bool {
    proxies.iter().any(|network| network.holds(address))
}

/// Who asks: whoever is connected, unless that is a proxy of ours. Then it is the last address in
/// `X-Forwarded-For` that is not, since each proxy adds the one it sees at the end and all before may be made up.
pub fn client(proxies: &[Network], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut client = peer;
    let said: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut said = said.into_iter().rev();
    while are_ours(proxies, client) {
        match said.next().and_then(address) {
            Some(before) => client = before,
            None => break,
        }
    }
    client
}

/// With or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    text.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(all: &[&str]) -> Vec<Network> {
        all.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_network_holds_its_addresses() {
        let holds = |network: &str, address: &str| {
            network
                .parse::<Network>()
                .unwrap()
                .holds(address.parse().unwrap())
        };
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.1.2.3", "::ffff:10.1.2.3"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("0.0.0.0/0", "192.0.2.1") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        for bad in ["", "proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "::/129"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_our_proxies_are_believed() {
        let ours = networks(&["127.0.0.1", "10.0.0.0/8"]);
        let asks = |peer: &str, said: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(FORWARDED_FOR, value.parse().unwrap());
            }
            client(&ours, peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(asks("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(asks("127.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(asks("127.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(
            asks("127.0.0.1", &["made up, 203.0.113.9, 198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(
            asks("127.0.0.1", &["203.0.113.9", "198.51.100.7, 10.0.0.3"]),
            "198.51.100.7"
        );
        assert_eq!(asks("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(asks("127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(asks("127.0.0.1", &["10.0.0.2"]), "10.0.0.2");
    }
}
