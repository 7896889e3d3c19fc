sinfo
sinfo -h -N -p short -o '%N %c %m' > nodes.txt
cat nodes.txt
