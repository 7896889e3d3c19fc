/** What an operator should know of the way in that they have chosen. */
import { isLoopback } from './loopback.ts';

/** Sentences for the operator, none when all is well. */
export function doorWarnings({ host, publicUrl }: { host: string; publicUrl?: string | undefined }): string[] {
	if (isLoopback(host)) return [];
	const readable = 'what people type, and the cookies by which they are known, can be read and used by others on the way';
	if (!publicUrl?.startsWith('https:'))
		return [
			`The server listens on ${host} with plain HTTP: ${readable}. Put a proxy with TLS before it and give --public-url https://… (docs/operator/running.md).`,
		];
	return [
		`The server listens on ${host}: whoever reaches its port comes past the proxy of ${publicUrl}, and ${readable}. Use --host 127.0.0.1 when the proxy runs on this machine, else let only the proxy reach the port.`,
	];
}
