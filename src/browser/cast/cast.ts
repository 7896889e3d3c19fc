/** A recording of a terminal in a lesson. Nothing of its player is loaded before somebody plays it. */
class LabCast extends HTMLElement {
	connectedCallback(): void {
		const play = this.querySelector<HTMLButtonElement>('[data-play]');
		const status = this.querySelector('[role=status]');
		play?.addEventListener('click', async () => {
			play.disabled = true;
			if (status) status.textContent = '';
			try {
				const { playCast } = await import('./cast-player.ts');
				await playCast(this, play);
			} catch (error) {
				console.error(error);
				if (status) status.textContent = (JSON.parse(this.dataset.texts ?? '{}') as { failed?: string }).failed ?? '';
			}
			play.disabled = false;
		});
	}
}
customElements.define('lab-cast', LabCast);
