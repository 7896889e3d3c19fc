/** The learner's own values of the lesson's parameters, in place of the examples that the page was built with. */

/** Answers that do not come are asked for so often: until then no block with a value can be run. */
const attempts = 4;
const pauseMs = 1500;

/** Fills them in; does nothing on a page without parameters. Never rejects. */
export async function showValues(frame: HTMLElement): Promise<void> {
	if (!frame.querySelector('[data-value], [data-templates]')) return;
	const { course, lesson } = frame.dataset;
	for (let attempt = 1; attempt <= attempts; attempt++) {
		const values = await ask(`/api/lessons/${course}/${lesson}/values`);
		if (values) return fill(frame, values);
		await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt));
	}
}

async function ask(address: string): Promise<Record<string, string> | undefined> {
	try {
		const response = await fetch(address);
		const body = (await response.json()) as { values?: Record<string, string> };
		return response.ok ? body.values : undefined;
	} catch {
		// No network, or a server in between that says something else: asked again.
		return undefined;
	}
}

function fill(frame: HTMLElement, values: Record<string, string>): void {
	for (const element of frame.querySelectorAll<HTMLElement>('[data-value]')) {
		const value = values[element.dataset.value ?? ''];
		if (value === undefined) continue;
		element.textContent = value;
		element.dataset.own = '';
		element.removeAttribute('title');
	}
	for (const element of frame.querySelectorAll<HTMLElement>('[data-templates]')) {
		const templates = JSON.parse(element.dataset.templates ?? '{}') as Record<string, string>;
		for (const [name, template] of Object.entries(templates))
			element.setAttribute(
				name,
				template.replace(/\{\{(\w+)\}\}/g, (whole, parameter: string) => values[parameter] ?? whole),
			);
		delete element.dataset.templates;
	}
}
