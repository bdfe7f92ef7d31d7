set :application, "shop"
set :repo_url, "@sandbox@/origin.git"
set :deploy_to, "@sandbox@/deploy"
set :tmp_dir, "@sandbox@/tmp"
set :keep_releases, 10
set :linked_dirs, %w[storage]

# `cap production deploy BRANCH=v1.9.0`: a tag or a branch.
set :branch, ENV.fetch("BRANCH", "develop")

# No log file in the checkout, and nobody is logged in to: the host is this one.
set :format_options, log_file: nil
set :sshkit_backend, SSHKit::Backend::Local

after "deploy:updated", :migrate do
  on release_roles(:all) do
    within(release_path) { execute :php, "artisan", "migrate", "--force" }
  end
end
