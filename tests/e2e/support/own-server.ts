/** Tests that stop, kill or crowd a server get one of their own. */
import { type ServerOptions, taughtCourses, WholeServer } from '../../fixtures/server.ts';
import { test as base } from './test.ts';

export { expect } from './test.ts';

export const test = base.extend<{ startServer: (options?: ServerOptions) => Promise<WholeServer> }>({
	startServer: async ({ lesson }, use) => {
		const servers: WholeServer[] = [];
		await use(async (options = {}) => {
			// Of the test's page: opened at the server's address, it is left before that is gone.
			void lesson;
			const server = await WholeServer.start({ courses: taughtCourses, ...options });
			servers.push(server);
			return server;
		});
		for (const server of servers) await server.stop();
	},
});
