/** Single sign-on in a browser: a trainer signs in and has their rooms; what goes wrong is said; out again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { roomStrings } from '../../src/i18n/room.ts';
import { signInFr as t } from '../../src/i18n/sign-in-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { clientId, clientSecret, IdentityProvider } from '../fixtures/identity-provider.ts';
import { accessible } from './support/axe.ts';
import { course } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });

/** The redirect address stands at the provider before the server does. */
async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
	const { port } = probe.address() as { port: number };
	await new Promise((resolve) => probe.close(resolve));
	return port;
}

test('a trainer signs in with the account of their institute, and leads rooms; a learner may, and where it is asked for, must', async ({
	browser,
	page,
	startServer,
	complaints,
}, info) => {
	complaints.expect(/status of 40[13]/);
	const port = await freePort();
	const provider = await IdentityProvider.start(`http://127.0.0.1:${port}`);
	provider.people.set('grace', { name: 'Grace Hopper', groups: ['formateurs'] });
	provider.people.set('ada', { name: 'Ada Lovelace' });
	const sso = info.outputPath('sso.yaml');
	writeFileSync(info.outputPath('secret'), clientSecret);
	const settings = { issuer: provider.issuer, client: clientId, secretFile: 'secret', scope: 'openid profile groups' };
	writeFileSync(sso, JSON.stringify({ ...settings, roles: { trainer: { groups: 'formateurs' } }, learners: 'must' }));
	const server = await startServer({ port, sso });
	const host = new URL(provider.issuer).host;
	const signIn = fill(t.signIn, { provider: host });
	const shot = async (name: string) => {
		for (const [width, scheme] of [
			[1440, 'light'],
			[390, 'dark'],
		] as const) {
			await page.setViewportSize({ width, height: 900 });
			await page.emulateMedia({ colorScheme: scheme });
			await page.screenshot({ path: join(folder, `sign-in-${name}-${width}-${scheme}.png`) });
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
		}
		await page.emulateMedia({ colorScheme: 'light' });
	};

	// From the page of rooms there and back.
	await page.goto(`${server.address}/fr/salles/`);
	await page.getByRole('link', { name: signIn }).click();
	await page.getByLabel('Login').fill('grace');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByLabel(roomStrings.fr.fieldTitle)).toBeVisible();
	expect(new URL(page.url()).pathname).toBe('/fr/salles/');

	await page.goto(`${server.address}/fr/connexion/`);
	await expect(page.getByText(fill(t.signedIn, { name: 'Grace Hopper' }))).toBeVisible();
	await accessible(page, 'signed in');
	await shot('in');
	await page.getByRole('button', { name: t.signOut }).click();
	await expect(page.getByText(t.signedOut)).toBeFocused();
	await expect(page.getByRole('link', { name: fill(t.elsewhere, { provider: host }) })).toHaveAttribute('href', /session\/end/);
	await accessible(page, 'signed out');
	await shot('out');

	// Given up, there is a sentence, and it is not in the address for long.
	const other = await browser.newContext();
	const learner = await other.newPage();
	await learner.goto(`${server.address}/en/sign-in/`);
	await learner
		.getByRole('link', { name: /^Sign in/ })
		.last()
		.click();
	await learner.getByRole('button', { name: 'Sign in' }).click();
	await expect(learner.getByRole('alert')).toContainText('Signing in was refused or given up');
	expect(new URL(learner.url()).hash).toBe('');

	// A lesson asks for it, and leads back to itself.
	await learner.goto(`${server.address}/fr/${course}/first-container/`);
	await expect(learner.getByText('Connectez-vous d’abord avec le compte')).toBeVisible();
	await learner.getByRole('link', { name: t.link, exact: true }).click();
	await learner.getByLabel('Login').fill('ada');
	await learner.getByRole('button', { name: 'Sign in' }).click();
	await expect(learner).toHaveURL(`${server.address}/fr/${course}/first-container/`);
	await expect(learner.getByText('Connectez-vous d’abord avec le compte')).toBeHidden();
	await other.close();
	await provider.stop();
});
