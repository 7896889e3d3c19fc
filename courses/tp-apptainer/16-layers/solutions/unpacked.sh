rm -rf open
apptainer build --sandbox open lolcow.sif
apptainer exec --writable open sh -c 'echo "made by hand" > /opt/by-hand'
cat open/opt/by-hand
apptainer build --force by-hand.sif open
apptainer exec by-hand.sif cat /opt/by-hand
apptainer inspect --deffile by-hand.sif
