/** Shell lines that give the root $1 the devices that programs expect. */
export const MOUNT_DEVICES = `
mount -t tmpfs -o mode=0755 dev "$1/dev"
for device in null zero full random urandom tty; do : > "$1/dev/$device"; mount --bind "/dev/$device" "$1/dev/$device"; done
mkdir "$1/dev/shm"; chmod 1777 "$1/dev/shm"
ln -s /proc/self/fd "$1/dev/fd"; ln -s /proc/self/fd/0 "$1/dev/stdin"; ln -s /proc/self/fd/1 "$1/dev/stdout"; ln -s /proc/self/fd/2 "$1/dev/stderr"
`;
