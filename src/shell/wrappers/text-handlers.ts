/**
 * Programs whose words and input are text to them: they show, search, keep, send or change it, and run
 * none of it but by the options that the tables know. A command in their words is a text.
 */
const NAMES =
  // what the shell does by itself
  "echo printf print : true false test [ read export declare typeset local readonly alias unalias set " +
  "unset shift getopts history complete compgen compopt help type which hash whereis command_not_found " +
  "let return exit logout wait jobs bg fg disown kill umask ulimit shopt setopt unsetopt zstyle autoload " +
  "bindkey pushd popd dirs cd times caller abbr string math count functions " +
  // texts that are shown
  "cat tac nl less more most pg bat head tail tee sponge column fold fmt pr paste join comm cut tr rev " +
  "sort uniq wc shuf split csplit expand unexpand od xxd hexdump hd strings iconv dos2unix unix2dos " +
  "base64 base32 basenc md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum shasum " +
  "figlet toilet cowsay cowthink lolcat banner boxes pv yes seq numfmt lp lpr enscript a2ps " +
  "notify-send zenity kdialog yad whiptail dialog gum xmessage osd_cat espeak say spd-say wall write " +
  "mesg talk logger systemd-notify xclip xsel wl-copy pbcopy " +
  // texts that are searched
  "grep egrep fgrep rgrep zgrep zegrep zfgrep bzgrep xzgrep rg ag ack ugrep pcregrep pcre2grep agrep " +
  "look locate plocate mlocate ausearch aureport journalctl dmesg lastcomm jq yq gron xmllint xmlstarlet " +
  "diff sdiff colordiff cmp comm delta wdiff patch spell aspell man info apropos whatis tldr cheat " +
  // names of files and of programs
  "ls dir vdir exa eza lsd tree stat file du df readlink realpath basename dirname touch mkdir mktemp ln " +
  "rm rmdir unlink shred mv chmod chown chgrp dd truncate cp install rename mmv chattr lsattr getfacl setfacl ldd nm objdump readelf sha256 gzip gunzip zcat bzip2 xz " +
  "zstd unzip zipinfo rar unrar ar lsof fuser pgrep pkill pidof killall ps top htop id groups getent " +
  "dpkg dpkg-query rpm apt apt-get apt-cache aptitude yum dnf zypper pacman apk brew snap pip pip3 pipx gem " +
  "cargo go npm yarn pnpm composer cpan mvn gradle systemctl chkconfig update-rc.d update-alternatives " +
  "visudo passwd useradd usermod userdel groupadd crontab mount umount swapon swapoff sysctl hostnamectl " +
  "timedatectl localectl loginctl modprobe rmmod insmod ip ifconfig ss netstat ping dig nslookup host " +
  "iptables ip6tables nft ufw firewall-cmd tcpdump tshark nmap curl wget http https aria2c scp sftp ftp " +
  // what is kept, sent or asked
  "git gh glab hub svn hg bzr cvs fossil jj mail mailx mutt neomutt swaks msmtp telnet " +
  "psql mysql mariadb sqlite3 sqlplus mongosh mongo redis-cli valkey-cli influx clickhouse-client cqlsh " +
  "etcdctl vault consul aws gcloud gsutil az doctl heroku kubectl oc helm docker podman nerdctl buildah " +
  "skopeo terraform tofu pulumi packer openssl gpg gpg2 age pass ssh-keygen ssh-add keytool certbot " +
  "date cal bc dc expr factor units sleep tput stty clear reset tty " +
  "ed ex vi vim nvim view rvim gvim nano pico emacs joe micro code sed tar bsdtar gtar cpio rsync zip " +
  "auditctl last lastb who w finger uptime free vmstat iostat sar hostname uname lsblk blkid " +
  "tmux screen slackcat slack-cli telegram-send ntfy pushover todo task timew taskwarrior remind note jrnl";

const TEXT_HANDLERS: ReadonlySet<string> = new Set(NAMES.split(" "));

export function onlyHandlesText(name: string): boolean {
  return TEXT_HANDLERS.has(name);
}
