/** gRPC over unix sockets: what the kubelet speaks with its plugins. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
	type GrpcObject,
	loadPackageDefinition,
	Server,
	ServerCredentials,
	type ServiceClientConstructor,
	status,
	type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** Services by their names, such as "csi.v1.Node", of a file in protos/. Fields keep the names that they have there. */
export function services(file: 'csi' | 'registration' | 'deviceplugin', ...names: string[]): ServiceClientConstructor[] {
	const definition = loadSync(join(import.meta.dirname, 'protos', `${file}.proto`), { keepCase: true, defaults: true });
	const loaded = loadPackageDefinition(definition);
	return names.map((name) => {
		let found: GrpcObject[string] = loaded;
		for (const part of name.split('.')) found = (found as GrpcObject)[part] as GrpcObject[string];
		return found as ServiceClientConstructor;
	});
}

/** What a caller is told of: a gRPC status, and a sentence. */
export class Refused extends Error {
	override readonly name = 'Refused';
	readonly code: status;
	constructor(code: status, sentence: string) {
		super(sentence);
		this.code = code;
	}
}

export { status };

type Unary = (call: { request: unknown }, done: (error: { code: status; details: string } | null, answer?: object) => void) => void;

/** A handler from a function of the request. What it throws is the caller's answer: Refused as it is, anything else as INTERNAL. */
export function unary<Request>(answer: (request: Request) => Promise<object> | object): Unary {
	return (call, done) => {
		new Promise<object>((resolve) => resolve(answer(call.request as Request))).then(
			(value) => done(null, value),
			(error: unknown) => {
				if (error instanceof Refused) done({ code: error.code, details: error.message });
				else done({ code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
			},
		);
	};
}

/**
 * Serves on the socket at `path`, which belongs to this program alone: one that a killed one left is removed.
 * @returns a function that ends it and its socket @throws Error of the system
 */
export async function serveGrpc(
	path: string,
	parts: { service: ServiceClientConstructor; handlers: UntypedServiceImplementation }[],
): Promise<() => void> {
	mkdirSync(dirname(path), { recursive: true });
	rmSync(path, { force: true });
	const server = new Server();
	for (const { service, handlers } of parts) server.addService(service.service, handlers);
	await new Promise<void>((resolve, reject) => {
		server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
	});
	return () => {
		server.forceShutdown();
		rmSync(path, { force: true });
	};
}
