/** Tests that stop, kill or crowd a server get one of their own. */
import { type ServerOptions, taughtCourses, WholeServer } from '../../fixtures/server.ts';
import { test as base } from './test.ts';

export { expect } from './test.ts';

export const test = base.extend<{ startServer: (options?: ServerOptions) => Promise<WholeServer> }>({
	startServer: async ({ lesson, complaints }, use) => {
		const servers: WholeServer[] = [];
		await use(async (options = {}) => {
			const server = await WholeServer.start({ courses: taughtCourses, ...options });
			servers.push(server);
			return server;
		});
		await lesson.leave();
		// Pages that are still open miss their server from now on.
		complaints.stop();
		for (const server of servers) await server.stop();
	},
});
