# The market stream as a Rails application does it, in one file, to be measured beside
# ltp-serve. Written for the bench: of the application that ltp replaces it has what the
# contract says of the prices endpoint and of /cable, and nothing that costs time beside that.
#
#   GET, POST /api/v1/current_prices   MGET through ruby-redis, a JSON answer
#   /cable, DashboardChannel           what is published on live_ltp_updates, by a listener thread
#
# Production mode, no logs, no database, no middleware but what Rails needs for these two.
require 'logger'
require 'redis'
require 'rails'
require 'action_controller/railtie'
require 'action_cable/engine'

REDIS_URL = ENV.fetch('REDIS_URL', 'redis://localhost:6379/0')

class Bench < Rails::Application
  config.root = __dir__
  config.load_defaults 6.1
  config.eager_load = true
  config.consider_all_requests_local = false
  config.logger = Logger.new(IO::NULL)
  config.secret_key_base = 'a bench has no secrets'
  config.hosts.clear
  config.api_only = true
  config.session_store :disabled
  config.action_cable.mount_path = '/cable'
  config.action_cable.disable_request_forgery_protection = true
end

module ApplicationCable
  class Connection < ActionCable::Connection::Base; end
  class Channel < ActionCable::Channel::Base; end
end

class DashboardChannel < ApplicationCable::Channel
  def subscribed
    stream_from 'dashboard_updates'
  end
end

class PricesController < ActionController::API
  def self.redis
    Thread.current[:prices_redis] ||= Redis.new(url: REDIS_URL)
  end

  def index
    keys = params[:keys]
    return failed("Missing 'keys' parameter") if keys.blank?

    keys = keys.split(',') if keys.is_a?(String)
    keys = keys.map { |key| key.to_s.strip }.reject(&:empty?).uniq
    return failed('No valid keys provided') if keys.empty?

    prices = keys.zip(self.class.redis.mget(keys.map { |key| "ltp:#{key}" })).to_h
    prices.transform_values! { |price| price&.to_f }
    render json: { prices: prices, timestamp: Time.current.iso8601, count: prices.size,
                   cached_count: prices.count { |_, price| price }, api_fetched_count: 0 }
  end

  private

  def failed(text)
    render json: { error: text, timestamp: Time.current.iso8601 }, status: :bad_request
  end
end

# In memory, within the process: the least that ActionCable can cost.
ActionCable.server.config.cable = { 'adapter' => 'async' }
ActionCable.server.config.logger = Logger.new(IO::NULL)
Bench.initialize!
Bench.routes.draw do
  match 'api/v1/current_prices', to: 'prices#index', via: %i[get post]
end

Thread.new do
  Redis.new(url: REDIS_URL).subscribe('live_ltp_updates') do |on|
    on.message do |_channel, line|
      ActionCable.server.broadcast('dashboard_updates', JSON.parse(line))
    rescue JSON::ParserError
      # Not JSON: dropped.
    end
  end
rescue Redis::BaseError => e
  warn "rails: #{e.message}"
  sleep 0.5
  retry
end

run Bench
