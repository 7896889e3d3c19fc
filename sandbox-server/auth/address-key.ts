/** What stands for "where somebody comes from": limits and the queue's order go by it. */
import { isIPv6 } from 'node:net';

/**
 * An IPv4 address as it is; of an IPv6 address the first 64 bits, since a single machine has all the rest to choose from. What is no
 * address comes back as it is.
 */
export function addressKey(ip: string): string {
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
	if (mapped !== undefined) return mapped;
	const [plain = ''] = ip.split('%');
	if (!isIPv6(plain)) return ip;
	const [head = '', tail] = plain.split('::');
	const groups = head === '' ? [] : head.split(':');
	const rest = tail === undefined || tail === '' ? [] : tail.split(':');
	// An address in dots at the end stands for two groups; it is beyond the first 64 bits in any case.
	const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
	const whole = [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest];
	return `${whole
		.slice(0, 4)
		.map((group) => Number.parseInt(group, 16).toString(16))
		.join(':')}::/64`;
}
