import { BlockList, isIP } from 'node:net';

const own = new BlockList();
own.addSubnet('127.0.0.0', 8);
own.addAddress('::1', 'ipv6');

/** Is it an address or name that only programs of this machine reach? */
export function isLoopback(host: string): boolean {
	const kind = isIP(host);
	if (kind === 0) return host === 'localhost' || host.endsWith('.localhost');
	return own.check(host, kind === 6 ? 'ipv6' : 'ipv4');
}
