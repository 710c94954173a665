"""What answers and what embeds: generators, embedders, prompts, prices, energy, GPUs."""
