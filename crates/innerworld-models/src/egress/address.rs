//! Which addresses are inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is not on the public internet: loopback, private and shared networks, link
/// local (also the metadata services of clouds), documentation, multicast, reserved; IPv6 forms that
/// wrap such an IPv4 address count as well.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

const fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && b >= 64 && b < 128)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [.., last_high, last_low] = segments;
    let wrapped = |high: u16, low: u16| {
        let [one, two] = high.to_be_bytes();
        let [three, four] = low.to_be_bytes();
        is_private_v4(Ipv4Addr::new(one, two, three, four))
    };
    match segments {
        // Mapped and compatible addresses, and the NAT64 prefix.
        [0, 0, 0, 0, 0, 0 | 0xFFFF, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => {
            wrapped(last_high, last_low)
        }
        // 6to4 holds its IPv4 address right behind the prefix.
        [0x2002, high, low, ..] => wrapped(high, low),
        // What is set aside for protocols (Teredo, benchmarks, identifiers that are no places), and
        // documentation.
        [0x2001, 0..0x200 | 0xDB8, ..] | [0x3FFF, 0..0x1000, ..] => true,
        // Global unicast is 2000::/3; everything else is local, multicast or reserved.
        [first, ..] => !(0x2000..=0x3FFF).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_and_outside_are_told_apart() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff:fff::1",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
        ];
        for text in inside {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        let outside = [
            "1.1.1.1",
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "3fff:1000::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ];
        for text in outside {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
