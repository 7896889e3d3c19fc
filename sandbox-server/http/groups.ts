/** Groups of routes: each has one policy at the door, and each of its routes names the action that it is. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { addressKey } from '../auth/address-key.ts';
import { type Action, authorise, ownOf } from '../auth/authorise.ts';
import { type Addresses, isKnownHost, isOwnOrigin, type RequestHeaders } from '../auth/origin.ts';
import { ownPages, type Policy } from '../auth/policy.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { RoomService } from '../rooms/room-service.ts';
import { frameHeaders } from './headers.ts';

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/** One route of the interface, as tests enumerate them. */
export interface ListedRoute {
	method: string;
	url: string;
	action: Action;
	policy: string;
}

/** Routes under one policy. */
export interface Group {
	policy: Policy;
	install: (app: FastifyInstance) => void;
}

/** What requests are counted by: the person, else the address. A room behind one address is not one visitor. */
export function rateKey({ principal, ip }: FastifyRequest): string {
	return principal.kind === 'nobody' ? addressKey(ip) : principal.id;
}

interface DoorDeps {
	addresses: Addresses;
	sessions: Sessions;
	/** A route with `:room` is about that room. */
	rooms: Pick<RoomService, 'roleIn'>;
}

/**
 * Sets the door up: who asks, whether that address and origin may, and whether they may do this. For the whole app: what belongs to no group
 * (pages, addresses that do not exist) is under `ownPages`.
 * @returns the interface's routes, filled as they are installed
 */
export function installDoor(app: FastifyInstance, { addresses, sessions, rooms }: DoorDeps): ListedRoute[] {
	const listed: ListedRoute[] = [];
	app.decorateRequest('principal', null as never);
	app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
		if (!url.startsWith('/api/')) return;
		const { action, policy = ownPages } = config ?? {};
		if (!action) throw new Error(`${method} ${url} does not say which action it is`);
		for (const one of [method].flat()) listed.push({ method: one, url, action, policy: policy.name });
	});
	app.addHook('onRequest', async (request, reply) => {
		const { method, url, headers } = request;
		const { policy = ownPages } = request.routeOptions.config;
		const api = url.startsWith('/api/');
		request.principal = api ? sessions.principalOf(headers.cookie) : { kind: 'nobody', missing: undefined };
		if (api && !isKnownHost(headers, addresses)) throw new Refusal('wrong-origin', elsewhere(headers, addresses));
		const foreign = headers.origin !== undefined && (policy.origins === 'any' || policy.origins.includes(headers.origin));
		if (!safeMethods.includes(method) && !foreign && !isOwnOrigin(headers, addresses)) {
			throw new Refusal('wrong-origin', elsewhere(headers, addresses));
		}
		if (policy.framedBy.length > 0) frameHeaders(reply, policy.framedBy);
	});
	app.addHook('preHandler', async ({ principal, routeOptions, params }) => {
		const { action } = routeOptions.config;
		const { room } = (params ?? {}) as { room?: string };
		const role = room === undefined || principal.kind === 'nobody' ? undefined : rooms.roleIn(room, principal.id);
		if (action) authorise(principal, action, room === undefined ? ownOf(principal) : { kind: 'room', role });
	});
	return listed;
}

/** For the log: an operator whose --public-url is wrong finds here what it should be. */
const elsewhere = ({ origin, host }: RequestHeaders, { publicOrigin }: Addresses): string =>
	`a page of ${origin ?? `no known address (addressed as ${host})`} asks, and --public-url is ${publicOrigin ?? 'not given'}: if that page is ours, it has to be given as its address`;

/** Installs a group's routes: its policy is theirs, and they share its limit on requests. */
export async function installGroup(app: FastifyInstance, { policy, install }: Group): Promise<void> {
	await app.register(async (scope) => {
		scope.addHook('onRoute', (route: RouteOptions) => {
			route.config = { ...route.config, policy };
		});
		await scope.register(rateLimit, {
			max: policy.requestsPerMinute,
			timeWindow: 60_000,
			keyGenerator: rateKey,
			errorResponseBuilder: () => new Refusal('too-many'),
		});
		scope.addHook('onSend', async (_, reply) => {
			reply.header('cache-control', 'no-store');
		});
		install(scope);
	});
}
