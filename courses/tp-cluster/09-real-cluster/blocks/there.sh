# {{fr: Ce qui n’appartient qu’à | en: What is peculiar to}} {{cluster.name}}.
export SBATCH_PARTITION={{cluster.partition}}
export SBATCH_ACCOUNT={{cluster.account}}
module load {{cluster.container_module}}
export APPTAINER_BIND={{cluster.container_bind}}
export APPTAINER_CACHEDIR={{cluster.scratch}}/apptainer-cache
