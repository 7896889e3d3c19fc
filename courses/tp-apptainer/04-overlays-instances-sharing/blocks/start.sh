mkdir -p www
echo "{{fr: Meuh | en: Moo}}, version 1" > www/index.html
apptainer instance start --bind www:/srv/www web.sif cow
