/** Where root notes which keys Steward put into a guest, a file for each account: of these, what is not ordered any more is taken out again, and no other. */
export const KEYS_FOLDER = '/var/lib/steward/keys';

/** Most accounts that a look tells by Steward's notes: as many as an order may have. */
export const MOST_NOTED = 32;
/** Most notes that are read. */
const NOTES_READ = 128;

/**
 * Whose account Steward has set up, as its own notes in the guest tell, so that a record that is lost does not leave them in for good.
 * Sets `noted`: names that could be ordered and have an account that is not the system's; needs `names`, those that are or were ordered.
 */
export const LOOK_NOTES = `
read_notes() {
  noted=$(limit 2 find "$R${KEYS_FOLDER}" -maxdepth 1 -type f -name '[a-z_]*' ! -name '*[!a-z0-9_-]*' -printf '%f\\n' < /dev/null | awk -v names=" $names " 'length($0) <= 32 && !index(names, " " $0 " ")' | head -n ${NOTES_READ} | tr '\\n' ' ')
}

look_notes() {
  found=; count=0
  for each in $noted; do
    row "$each" || continue
    if [ "$uid" -lt 1000 ] || [ "$count" -ge ${MOST_NOTED} ]; then continue; fi
    count=$((count + 1))
    found="$found $each"
    line noted "$each"
  done
  noted=$found
}
`;
