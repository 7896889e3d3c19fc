apptainer pull --force busybox.sif docker://localhost:5000/busybox:1.0
