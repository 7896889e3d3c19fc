/** What axe complains of. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './test.ts';

/**
 * @param what the page, for whoever reads the failure; @param part a selector: that part of the page alone
 * @throws Error naming rule, element and reason of each violation
 */
export async function accessible(page: Page, what: string, part?: string): Promise<void> {
	const axe = new AxeBuilder({ page });
	const { violations } = await (part === undefined ? axe : axe.include(part)).analyze();
	const told = violations.flatMap(({ id, nodes }) =>
		nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
	);
	expect(told, what).toEqual([]);
}
