/** Security headers of every answer; a page's own content policy is set where the page is sent (site.ts). */
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Addresses } from '../auth/origin.ts';
import { policyForData } from './content-policy.ts';

/** What pages of ours never use; the clipboard is not among them: code blocks and the terminal need it. */
const refusedFeatures = ['camera', 'display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb', 'browsing-topics'];

/** Lets these origins show the answer in a frame. */
export function frameHeaders(reply: FastifyReply, origins: readonly string[]): void {
	reply.removeHeader('x-frame-options');
	reply.header('content-security-policy', policyForData.replace("frame-ancestors 'none'", `frame-ancestors ${origins.join(' ')}`));
}

/** On every answer of the app. Strict-Transport-Security only where the public address is https. */
export async function installHeaders(app: FastifyInstance, addresses: Addresses): Promise<void> {
	const secure = addresses.publicOrigin?.startsWith('https:') ?? false;
	await app.register(helmet, {
		contentSecurityPolicy: false,
		// A browser that has seen it refuses plain http at that name for its time; only whoever has TLS may promise that.
		strictTransportSecurity: secure ? { maxAge: 180 * 24 * 3600, includeSubDomains: false } : false,
		referrerPolicy: { policy: 'same-origin' },
		crossOriginOpenerPolicy: { policy: 'same-origin' },
		crossOriginResourcePolicy: { policy: 'same-origin' },
		// Browsers ignore both on an address that is not trustworthy (http by number), and warn in their console about it.
		originAgentCluster: false,
		xFrameOptions: { action: 'deny' },
	});
	app.addHook('onRequest', async (request, reply) => {
		reply.header('content-security-policy', policyForData);
		reply.header('permissions-policy', refusedFeatures.map((feature) => `${feature}=()`).join(', '));
		reply.header('x-request-id', request.id);
	});
}
