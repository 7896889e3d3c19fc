/** One server for all tests that do not break it; before the first test, and put away after the last. */
import { taughtCourses, WholeServer } from '../../fixtures/server.ts';

/** By which the tests find it: processes that are started later inherit it. */
export const addressVariable = 'ETABLI_E2E_ADDRESS';

export default async function startSharedServer(): Promise<() => Promise<void>> {
	const server = await WholeServer.start({ courses: taughtCourses });
	process.env[addressVariable] = server.address;
	return () => server.stop();
}
