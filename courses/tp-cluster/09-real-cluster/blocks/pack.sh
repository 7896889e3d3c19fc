sha256sum busybox.sif tool.sh > SHA256SUMS
tar -czf luggage.tar.gz busybox.sif tool.sh SHA256SUMS
tar -tzvf luggage.tar.gz
